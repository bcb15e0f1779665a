CREATE TABLE t (a text, b text);
COPY t FROM stdout;
1	one;
\.
SELECT 2;
