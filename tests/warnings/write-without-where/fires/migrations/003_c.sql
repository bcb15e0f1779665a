ALTER TABLE memory ADD COLUMN kind text;
