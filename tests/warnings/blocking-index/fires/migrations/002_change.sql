CREATE INDEX note_author_idx ON note (author);
create unique index on public.note (lower(title), id); -- behind a comment
