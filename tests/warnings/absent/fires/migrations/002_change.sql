-- stele: allow drop-table "a test"
DROP TABLE author;
ALTER TABLE author ADD COLUMN name text;
ALTER TABLE note ADD COLUMN kind text;
ALTER TABLE note DROP COLUMN kind;
ALTER TABLE note ALTER COLUMN kind SET DEFAULT 'x';
