CREATE TABLE memory (id bigint PRIMARY KEY, embedding vector(384));
CREATE INDEX memory_embedding ON memory USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);
