CREATE TABLE t (a text, b text);
COPY t FROM stdin;
\.
SELECT 2;
