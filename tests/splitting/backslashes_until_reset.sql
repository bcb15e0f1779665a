SET escape_string_warning = off;
SET standard_conforming_strings TO 'off';
SELECT 'a\';';
RESET standard_conforming_strings;
SELECT 'b\';
SELECT 3;
