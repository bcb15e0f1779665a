CREATE TABLE t (a text, b text);
COPY t FROM stdin; -- it's; data
1	one
\.
SELECT 2;
