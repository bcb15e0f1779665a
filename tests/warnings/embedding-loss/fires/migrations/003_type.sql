ALTER TABLE memory ALTER COLUMN embedding TYPE vector(768);
ALTER TABLE memory ALTER COLUMN embedding TYPE vector(384) USING NULL;
ALTER TABLE memory ALTER COLUMN embedding TYPE halfvec(384);
ALTER TABLE memory ALTER COLUMN sparse TYPE sparsevec(30000);
ALTER TABLE memory ALTER COLUMN embedding TYPE boolean USING true;
ALTER TABLE memory ALTER COLUMN given TYPE vector(384);
