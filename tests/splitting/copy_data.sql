CREATE TABLE t (a text, b text);
COPY t FROM stdin;
1	it's; one
2	$$ -- ; /*
\.
SELECT 2;
