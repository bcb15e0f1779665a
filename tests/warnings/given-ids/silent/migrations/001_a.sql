CREATE TABLE kind (id serial PRIMARY KEY, name text);
INSERT INTO kind (name) VALUES ('fact');
