SET escape_string_warning = off;
SET standard_conforming_strings = off;
SELECT $$\$$, B'01', "x\" FROM (SELECT 1) AS v ("x\");
SELECT 2;
