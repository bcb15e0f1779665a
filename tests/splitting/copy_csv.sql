CREATE TABLE t (a text, b text);
COPY t FROM stdin WITH (FORMAT csv);
"a
b; c","it's"
"x""y",
\.
SELECT 2;
