CREATE TABLE loaded (id bigint PRIMARY KEY, embedding vector(384));
INSERT INTO loaded SELECT id, embedding FROM memory;
CREATE INDEX ON loaded USING ivfflat (embedding vector_l2_ops);
CREATE TABLE also (id bigint PRIMARY KEY, embedding vector(384));
INSERT INTO also SELECT id, embedding FROM memory;
CREATE INDEX ON also USING hnsw (embedding vector_l2_ops);
UPDATE chunk SET length = 1 WHERE id < 100;
