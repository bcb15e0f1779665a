ALTER TABLE memory.fact ADD COLUMN size int;
ALTER TABLE plain ADD COLUMN size int;
