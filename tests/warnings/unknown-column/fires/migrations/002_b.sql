ALTER TABLE note ALTER COLUMN autor SET NOT NULL;
CREATE INDEX ON note (id, written);
UPDATE note SET bodi = 'x' WHERE id = 1;
INSERT INTO copy (id, title) VALUES (1, 'x');
ALTER TABLE note DROP COLUMN kind;
ALTER TABLE note ADD CONSTRAINT k UNIQUE (kind);
