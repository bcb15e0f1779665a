CREATE SCHEMA archive;
CREATE TABLE archive.note (id int);
CREATE SCHEMA empty;
