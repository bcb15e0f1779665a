CREATE TABLE t ("end" int, "begin" int, "case" int);
CREATE FUNCTION f() RETURNS int LANGUAGE sql
BEGIN ATOMIC SELECT t.end + t.begin + t.case FROM t; SELECT "end" FROM t; END; SELECT 4;
