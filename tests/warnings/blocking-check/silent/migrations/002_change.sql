ALTER TABLE note ADD CONSTRAINT note_title_check CHECK (title <> '') NOT VALID;
CREATE TABLE draft (id int);
ALTER TABLE draft ADD CHECK (id > 0);
CREATE TABLE abstract (id int);
