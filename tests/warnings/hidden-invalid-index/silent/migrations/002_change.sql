DROP INDEX CONCURRENTLY IF EXISTS note_author_idx;
CREATE INDEX CONCURRENTLY IF NOT EXISTS note_author_idx ON note (author);
CREATE UNIQUE INDEX CONCURRENTLY note_title_idx ON note (title);
CREATE TABLE draft (id int);
CREATE INDEX IF NOT EXISTS draft_idx ON draft (id);
