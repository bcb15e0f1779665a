SET escape_string_warning = off;
SET standard_conforming_strings = off;
SELECT 'it\'s; one', E'\'', '\\';
SELECT 'a;\\';
SET standard_conforming_strings = on;
SELECT 'b;\';
SELECT 3;
