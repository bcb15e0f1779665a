ALTER TABLE note ADD CONSTRAINT note_title_key UNIQUE (title, author);
ALTER TABLE note ADD COLUMN slug text UNIQUE;
ALTER TABLE list ADD PRIMARY KEY (id);
