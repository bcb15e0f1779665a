CREATE TABLE early (x int);
-- migrate:up
SELECT 1;
