CREATE INDEX ON memory (kind);
UPDATE memory SET kind = 'x' WHERE kind IS NULL;
