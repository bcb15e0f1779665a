DROP TABLE up_is_not_looked_at;
-- stele: down
DROP SEQUENCE s;
DROP INDEX i;
DROP VIEW v CASCADE;
DROP MATERIALIZED VIEW m;
DROP FOREIGN TABLE f;
DROP FUNCTION f(int) CASCADE;
DROP TRIGGER t ON tab;
DROP EXTENSION vector;
DROP TYPE ty;
ALTER TABLE tab DROP CONSTRAINT c;
ALTER FOREIGN TABLE f DROP COLUMN x;
UPDATE tab SET x = NULL;
SELECT count(*), pg_catalog.max(x), setval('s', 1) FROM tab WHERE lower(y) = 'x';
-- stele: verify
DELETE FROM tab;
