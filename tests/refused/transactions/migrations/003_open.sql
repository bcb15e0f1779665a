CREATE TABLE a (x int);
BEGIN;
CREATE TABLE b (x int);
