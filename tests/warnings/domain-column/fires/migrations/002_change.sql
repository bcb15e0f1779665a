ALTER TABLE note ADD COLUMN stars positive;
