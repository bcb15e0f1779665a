CREATE TABLE draft (a int, b int, c int, d int);
CREATE INDEX ON draft (a, b, c) INCLUDE (d);
CREATE UNIQUE INDEX ON draft (a, b, c, d);
CREATE INDEX ON draft USING gin (a, b, c, d);
