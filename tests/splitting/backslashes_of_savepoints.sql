SET escape_string_warning = off;
BEGIN;
SAVEPOINT s;
SET standard_conforming_strings = off;
RELEASE SAVEPOINT s;
SELECT '\';';
COMMIT;
SELECT '\';';
SELECT 2;
