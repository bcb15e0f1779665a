CREATE TABLE draft (a int, b int, c int, d int);
CREATE INDEX ON draft (a, b, c, d);
