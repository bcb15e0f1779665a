SET escape_string_warning = off;
SET standard_conforming_strings = 0;
SELECT '\';';
SET STANDARD_CONFORMING_STRINGS = 1;
SELECT '\';
SELECT 2;
