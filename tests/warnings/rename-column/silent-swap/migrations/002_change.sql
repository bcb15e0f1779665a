ALTER TABLE note ADD COLUMN title_new text;
ALTER TABLE note RENAME COLUMN title TO title_old;
ALTER TABLE note RENAME COLUMN title_new TO title;
