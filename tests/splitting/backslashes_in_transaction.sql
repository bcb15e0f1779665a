SET escape_string_warning = off;
BEGIN;
SET LOCAL standard_conforming_strings = off;
SELECT '\';';
COMMIT;
SELECT '\';
SELECT 2;
