SET search_path TO memory, public;
ALTER TABLE fact ADD COLUMN name text;
