CREATE EXTENSION hstore;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE day (at date, mood mood);
CREATE TYPE weather AS ENUM ('sun');
CREATE VIEW days AS SELECT at FROM day;
