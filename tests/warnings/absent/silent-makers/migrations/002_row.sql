-- The trigger makes the table anew.
DROP TABLE month_202601;
INSERT INTO month VALUES ('2026-01-01');
ALTER TABLE month_202601 ADD COLUMN note text;
