-- stele: allow drop-table "for the test"
-- stele: allow drop-column "for the test"
DROP TABLE gone;
ALTER TABLE twin DROP COLUMN half, DROP COLUMN late, DROP COLUMN sparse, DROP COLUMN many;
ALTER TABLE twin RENAME COLUMN embedding TO vec;
ALTER TABLE memory ALTER COLUMN sparse TYPE sparsevec(2000);
ALTER TABLE elsewhere ADD COLUMN IF NOT EXISTS embedding vector(7);
SET search_path TO eu;
CREATE TABLE page (embedding vector(5));
