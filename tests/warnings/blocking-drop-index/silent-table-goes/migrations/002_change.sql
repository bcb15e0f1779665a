-- stele: allow drop-table "unused"
DROP INDEX note_author_idx;
DROP TABLE note;
