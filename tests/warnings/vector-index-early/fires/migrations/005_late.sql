CREATE TABLE word (id bigint, embedding vector(3));
CREATE INDEX ON word USING hnsw (embedding vector_l2_ops);
