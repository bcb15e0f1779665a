CREATE TABLE kind (id int PRIMARY KEY, name text);
INSERT INTO kind VALUES (0, 'versioned');
