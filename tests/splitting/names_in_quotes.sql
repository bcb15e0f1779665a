SELECT 1 AS "a;b", 2 AS "c""d;", 3 AS "it's;"; SELECT 4 AS "--;";
