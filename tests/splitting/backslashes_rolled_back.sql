SET escape_string_warning = off;
BEGIN;
SET standard_conforming_strings = off;
SELECT '\';';
ROLLBACK;
SELECT '\';
SELECT 2;
