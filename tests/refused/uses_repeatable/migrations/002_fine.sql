-- another's, the history's own, a query's, another number of arguments, IF EXISTS, strings, other schemas
DROP VIEW IF EXISTS v;
DROP FUNCTION IF EXISTS touch();
SELECT f(1, 2, 3), pg_catalog.clean() FROM other.w;
WITH v AS (SELECT 1) SELECT * FROM v;
CREATE FUNCTION h() RETURNS int LANGUAGE sql AS 'SELECT total(x) FROM v';
SELECT * FROM spare;
