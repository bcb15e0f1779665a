ALTER TABLE note ADD CONSTRAINT note_title_check CHECK (title <> '') NOT VALID;
