CREATE TABLE chunk (id bigint PRIMARY KEY, embedding vector(384));
CREATE INDEX chunk_embedding ON chunk USING hnsw (embedding vector_cosine_ops);
INSERT INTO chunk (id, embedding) SELECT id, embedding FROM memory;
