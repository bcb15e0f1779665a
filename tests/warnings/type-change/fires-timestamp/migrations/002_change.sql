ALTER TABLE note ALTER COLUMN at TYPE timestamptz;
