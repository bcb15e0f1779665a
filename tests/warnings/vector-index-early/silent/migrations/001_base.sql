CREATE TABLE memory (id bigint PRIMARY KEY, embedding vector(384));
CREATE TABLE chunk (id bigint PRIMARY KEY, embedding vector(384), length int);
CREATE INDEX chunk_hnsw ON chunk USING hnsw (embedding vector_cosine_ops);
INSERT INTO chunk (id) SELECT generate_series(1, 10);
