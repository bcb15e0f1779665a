SET escape_string_warning = off;
SET standard_conforming_strings = off;
SELECT '\';';
DISCARD ALL;
SELECT '\';
SELECT 2;
