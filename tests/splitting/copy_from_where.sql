CREATE TABLE t (a text, b text);
COPY t FROM stdin WHERE a <> 'b;';
1	one;
\.
SELECT 2;
