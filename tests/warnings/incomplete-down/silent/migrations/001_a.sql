CREATE TABLE kind (id int);
CREATE TABLE scratch (id int);
DROP TABLE scratch;
CREATE TEMPORARY TABLE sheet (id int);
CREATE TABLE IF NOT EXISTS perhaps (id int);
CREATE TABLE days (day date) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days DEFAULT;
CREATE TABLE draft (id int);
ALTER TABLE draft RENAME TO final;
-- stele: down
DROP TABLE final;
DROP TABLE days;
DROP TABLE IF EXISTS kind;
