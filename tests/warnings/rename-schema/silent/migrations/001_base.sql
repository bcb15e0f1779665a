CREATE SCHEMA archive;
CREATE TABLE archive.note (id int);
