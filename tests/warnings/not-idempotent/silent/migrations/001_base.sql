CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), body text, tags varchar(20)[], author bigint);
CREATE INDEX note_author_idx ON note (author);
CREATE INDEX note_a_idx ON note (title);
CREATE INDEX note_b_idx ON note (body);
CREATE VIEW titles AS SELECT title FROM note;
