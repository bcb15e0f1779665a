UPDATE memory SET content = trim(content) WHERE id BETWEEN 1 AND 1000;
UPDATE schema_version SET version = 2;
CREATE TEMPORARY TABLE sheet (x int);
UPDATE sheet SET x = 1;
DELETE FROM sheet;
