SET escape_string_warning = off;
SELECT set_config('standard_conforming_strings', 'off', false);
SELECT '\';';
SELECT 2;
