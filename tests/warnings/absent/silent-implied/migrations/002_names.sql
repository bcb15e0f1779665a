-- A sequence was dropped by name, and the identity column makes one of the same name.
ALTER TABLE note ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE note_id_seq;
ALTER TABLE note ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER SEQUENCE note_id_seq RESTART 100;

-- An index of a partitioned table comes to its partitions, with names of their own.
DROP INDEX event_2026_note_idx;
CREATE INDEX event_note ON event (note);
ALTER INDEX event_2026_note_idx RENAME TO event_2026_note;
ALTER INDEX event_2026_note RENAME TO event_2026_old;
DROP INDEX event_note;
CREATE TABLE event_2027 (at date NOT NULL, note int);
CREATE INDEX event_2027_at_idx ON event_2027 (at);
DROP INDEX event_2027_at_idx;
CREATE INDEX event_at ON event (at);
ALTER TABLE event ATTACH PARTITION event_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
ALTER INDEX event_2027_at_idx RENAME TO event_2027_at;

-- So do the indexes of a table that another one is made like.
DROP INDEX copy_author_idx;
DROP TABLE copy;
CREATE TABLE copy (LIKE note INCLUDING INDEXES);
DROP INDEX copy_author_idx;
