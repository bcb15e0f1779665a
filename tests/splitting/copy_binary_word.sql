CREATE TABLE t (a text, b text);
COPY t (a, b) FROM stdin (DELIMITER '|', NULL '');
1|one;
\.
SELECT 2;
