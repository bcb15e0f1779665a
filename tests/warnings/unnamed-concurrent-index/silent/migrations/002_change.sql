CREATE INDEX CONCURRENTLY note_author_idx ON note (author);
CREATE TABLE draft (id int);
CREATE INDEX ON draft (id);
