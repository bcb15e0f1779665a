ALTER TABLE note ADD COLUMN extra json;
