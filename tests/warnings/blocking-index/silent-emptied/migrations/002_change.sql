TRUNCATE note;
CREATE INDEX note_author_idx ON note (author);
