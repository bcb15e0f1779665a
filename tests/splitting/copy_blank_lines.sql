CREATE TABLE t (a text, b text);
COPY t (a) FROM stdin;


;

\.
SELECT 2;
