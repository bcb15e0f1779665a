ALTER TABLE note ADD CONSTRAINT note_title_check CHECK (title <> '') NOT VALID;
ALTER TABLE note VALIDATE CONSTRAINT note_title_check;
