CREATE TABLE t (a text, b text);
COPY t (a) FROM stdin;
SELECT 1;
DROP TABLE t;
-- stele: down
BEGIN;
\.
SELECT 2;
