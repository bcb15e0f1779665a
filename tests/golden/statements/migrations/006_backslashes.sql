SET standard_conforming_strings = off;
SELECT 'it\'s; here', E'\'';
SET standard_conforming_strings TO 'on';
SELECT 'not\', 'here;';
