SET escape_string_warning = off;
SET SESSION standard_conforming_strings = false;
SELECT '\';', N'\';';
SET standard_conforming_strings = DEFAULT;
SELECT '\';
SELECT 2;
