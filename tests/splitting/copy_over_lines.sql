CREATE TABLE t (a text, b text);
COPY t
  (a,
   b)
FROM
stdin
WITH (FORMAT text)
;
1	one;
\.
SELECT 2;
