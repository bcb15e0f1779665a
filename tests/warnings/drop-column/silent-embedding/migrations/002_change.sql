ALTER TABLE memory DROP COLUMN embedding;
ALTER TABLE elsewhere DROP COLUMN embedding;
ALTER TABLE elsewhere ADD COLUMN embedding vector(3);
