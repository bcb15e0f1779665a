\set who me
SELECT 1;
