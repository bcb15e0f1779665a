CREATE TABLE memory (id bigint, large vector(3072), huge vector(8192), half halfvec(8192), free vector);
CREATE INDEX ON memory USING hnsw (large vector_cosine_ops);
CREATE INDEX ON memory USING hnsw (huge vector_cosine_ops);
CREATE INDEX ON memory USING hnsw (half halfvec_cosine_ops);
CREATE INDEX ON memory USING hnsw (free vector_cosine_ops);
