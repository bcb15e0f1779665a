-- A table that this history hasn't made: what it was, nobody knows here, but a vector takes its place.
ALTER TABLE chunks DROP COLUMN IF EXISTS embedding;
ALTER TABLE chunks ADD COLUMN embedding vector(384);
ALTER TABLE pages ALTER COLUMN embedding TYPE vector(384);
