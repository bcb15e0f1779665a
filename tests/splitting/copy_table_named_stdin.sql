CREATE TABLE stdin (a text);
COPY stdin FROM stdin;
x;
\.
COPY stdin (a) TO stdout;
SELECT a FROM stdin; SELECT 2;
