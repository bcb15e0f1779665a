ALTER TABLE note ADD COLUMN extra jsonb;
CREATE TEMPORARY TABLE pile (x json);
