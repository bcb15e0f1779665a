BEGIN;
SELECT pg_catalog.has_schema_privilege(:'app', 'usage');
SELECT 1 WHERE false;
ROLLBACK;
