-- The application has filled it meanwhile.
CREATE INDEX memory_embedding ON memory USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100);
