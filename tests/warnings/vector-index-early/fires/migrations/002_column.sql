ALTER TABLE memory ADD COLUMN second vector(384);
CREATE INDEX ON memory USING ivfflat (second);
