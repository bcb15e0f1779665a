CREATE UNIQUE INDEX titles_id ON titles (id);
