CREATE TABLE kind (id int PRIMARY KEY, name text);
