\set x 1
SELECT 1 \gexec
\i other.sql
\connect other
SELECT 1 \restrict here
SELECT 2;
\.
