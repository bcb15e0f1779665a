ALTER TABLE memory ALTER COLUMN embedding TYPE halfvec(3);
ALTER TABLE elsewhere ALTER COLUMN embedding TYPE vector(3);
