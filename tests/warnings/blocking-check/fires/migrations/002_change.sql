ALTER TABLE note ADD CONSTRAINT note_title_check CHECK (title <> '');
ALTER TABLE note ADD COLUMN stars integer CHECK (stars < 6);
