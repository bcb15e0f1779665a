-- A new model: the column is dropped and comes back with another dimension.
ALTER TABLE memory DROP COLUMN embedding;
ALTER TABLE memory ADD COLUMN embedding vector(1024);
