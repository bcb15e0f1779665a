CREATE TABLE t (a text, b text);
COPY t FROM stdin CSV QUOTE '"' DELIMITER ';';
"a;";b
\.
SELECT 2;
