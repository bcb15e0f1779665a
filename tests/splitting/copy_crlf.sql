CREATE TABLE t (a text, b text);
COPY t FROM stdin;
1	one;
\.
SELECT 2;
