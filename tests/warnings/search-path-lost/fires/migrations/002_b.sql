ALTER TABLE fact ADD COLUMN name text;
