ALTER TABLE note ADD CONSTRAINT note_author_fkey FOREIGN KEY (author) REFERENCES author (id);
ALTER TABLE note ADD COLUMN editor bigint DEFAULT 1 REFERENCES author;
