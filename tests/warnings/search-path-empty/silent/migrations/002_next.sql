ALTER TABLE kind ADD COLUMN name text;
