SET escape_string_warning = off;
SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);
SELECT '\';';
SELECT set_config('standard_conforming_strings', 'on', false), 1;
SELECT '\';
SELECT 2;
