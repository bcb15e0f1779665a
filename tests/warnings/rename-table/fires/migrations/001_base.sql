CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), body text, tags varchar(20)[], author bigint);
CREATE TABLE author (id bigint PRIMARY KEY);
CREATE SCHEMA archive;
CREATE VIEW titles AS SELECT title FROM note;
