ALTER TABLE memory ALTER COLUMN embedding TYPE vector;
ALTER TABLE memory ALTER COLUMN embedding TYPE vector(1536);
ALTER TABLE memory ALTER COLUMN embedding TYPE real[];
ALTER TABLE memory DROP COLUMN content;
ALTER TABLE memory ADD COLUMN other vector(10);
ALTER TABLE memory DROP COLUMN other;
ALTER TABLE memory DROP COLUMN IF EXISTS never;
ALTER TABLE memory ADD COLUMN never vector(10);
ALTER TABLE memory RENAME COLUMN sparse TO thin;
