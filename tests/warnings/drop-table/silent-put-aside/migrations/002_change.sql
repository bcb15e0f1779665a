ALTER TABLE note RENAME TO note_old;
CREATE TABLE note (id bigint PRIMARY KEY, title text);
INSERT INTO note SELECT id, title FROM note_old;
DROP TABLE note_old;
