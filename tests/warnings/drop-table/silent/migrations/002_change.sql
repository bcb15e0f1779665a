CREATE TABLE scratch (id int);
DROP TABLE scratch;
DROP TABLE IF EXISTS never;
CREATE TEMPORARY TABLE pile (id int);
DROP TABLE pile;
