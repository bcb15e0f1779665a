DROP INDEX CONCURRENTLY note_author_idx;
CREATE TABLE draft (id bigint);
CREATE INDEX draft_idx ON draft (id);
DROP INDEX draft_idx;
