ALTER TABLE note ADD CONSTRAINT note_author_fkey FOREIGN KEY (author) REFERENCES author (id) NOT VALID;
ALTER TABLE note ADD COLUMN editor bigint REFERENCES author;
CREATE TABLE draft (author bigint REFERENCES author);
ALTER TABLE draft ADD FOREIGN KEY (author) REFERENCES note (id);
