ALTER TABLE memory ADD COLUMN state text;
UPDATE memory SET state = 'new';
