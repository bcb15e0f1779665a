CREATE TABLE draft (id bigint PRIMARY KEY, at timestamptz);
CREATE INDEX draft_at_idx ON draft (at);
CREATE INDEX CONCURRENTLY note_author_idx ON note (author);
CREATE TEMPORARY TABLE pile (id bigint);
CREATE INDEX ON pile (id);
CREATE TABLE copy AS SELECT * FROM note;
CREATE INDEX ON copy (id);
