CREATE TABLE memory (id bigint, large vector(3072), fits vector(2000), half halfvec(4000), free vector, sparse sparsevec(30000));
CREATE INDEX ON memory USING hnsw ((large::halfvec(3072)) halfvec_cosine_ops);
CREATE INDEX ON memory USING hnsw (fits vector_cosine_ops);
CREATE INDEX ON memory USING hnsw (half halfvec_cosine_ops);
CREATE INDEX ON memory USING hnsw ((free::vector(384)) vector_cosine_ops) WHERE id < 100;
CREATE INDEX ON memory USING hnsw (sparse sparsevec_cosine_ops);
CREATE INDEX ON memory USING diskann (large);
