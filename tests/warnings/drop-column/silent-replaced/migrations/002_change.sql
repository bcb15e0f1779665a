-- stele: allow type-change "none here"
ALTER TABLE note ADD COLUMN author_new text;
UPDATE note SET author_new = author::text;
ALTER TABLE note DROP COLUMN author;
ALTER TABLE note RENAME COLUMN author_new TO author;
