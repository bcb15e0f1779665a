ALTER TABLE memory ALTER COLUMN content SET NOT NULL;
ALTER TABLE memory DROP CONSTRAINT memory_body;
DROP INDEX other_idx;
CREATE INDEX ON memory (id, kind);
UPDATE memory SET kind = 'x' WHERE id = 1;
INSERT INTO memory_fact VALUES (1);
DROP TYPE mood;
DROP TRIGGER touch ON memory;
DROP VIEW recent;
CREATE TABLE part (id int REFERENCES memory_fact);
SELECT * FROM memory_fact;
-- These are fine.
DROP TABLE IF EXISTS memory_fact;
ALTER TABLE IF EXISTS memory_fact ADD COLUMN x int;
ALTER TABLE memory DROP COLUMN IF EXISTS kind;
CREATE TABLE memory_fact (id int);
INSERT INTO memory_fact VALUES (1);
DO $$ BEGIN CREATE TYPE mood AS ENUM ('ok'); END $$;
DROP TYPE mood;
