-- stele: allow truncate "they are made anew"
TRUNCATE note;
ALTER TABLE note ADD COLUMN kind text NOT NULL;
