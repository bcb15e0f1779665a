ALTER TABLE memory ADD COLUMN c int;
CREATE TABLE copy (id bigint);
INSERT INTO copy SELECT id FROM memory;
