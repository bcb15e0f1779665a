CREATE TABLE t (a text, b text);
COPY t FROM stdin;
1	one;
\.
COPY t FROM STDIN;
2	two;
\.
SELECT 3;
