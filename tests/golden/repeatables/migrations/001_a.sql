CREATE TABLE a (x int);
CREATE VIEW total AS SELECT sum(x) FROM a;
