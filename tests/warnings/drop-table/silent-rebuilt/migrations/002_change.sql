CREATE TABLE note_new (id bigint PRIMARY KEY, title text);
INSERT INTO note_new SELECT id, title FROM note;
DROP TABLE note;
ALTER TABLE note_new RENAME TO note;
