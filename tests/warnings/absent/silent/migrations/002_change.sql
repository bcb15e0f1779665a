-- stele: allow drop-table "a test"
DROP TABLE author;
CREATE TABLE author (id bigint);
ALTER TABLE author ADD COLUMN name text;
ALTER TABLE IF EXISTS nobody ADD COLUMN name text;
