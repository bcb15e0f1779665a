ALTER TABLE memory ADD COLUMN third vector(384);
CREATE INDEX ON memory USING hnsw (third vector_l2_ops);
UPDATE memory SET third = second WHERE second IS NOT NULL;
