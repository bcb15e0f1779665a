-- Events are searched by meaning as well: "when did a build fail like this before?" The worker
-- that embeds memories fills the column; events without an embedding are only found by words.
--
-- The index is built CONCURRENTLY, since runs go on writing events meanwhile. That can't be done
-- in a transaction, so this migration has two steps.
--
-- stele: needs vector >= 0.5
-- stele: lock-timeout 5s

ALTER TABLE memory_event ADD COLUMN embedding vector(${embedding_dim});

COMMENT ON COLUMN memory_event.embedding IS 'For the search by meaning; NULL until it was computed.';

CREATE INDEX CONCURRENTLY memory_event_embedding_idx ON memory_event
    USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);

-- stele: down
-- The index goes with the column.
ALTER TABLE memory_event DROP COLUMN embedding;

-- stele: verify
SELECT atttypmod = ${embedding_dim} FROM pg_attribute
 WHERE attrelid = 'memory_event'::regclass AND attname = 'embedding';

SELECT indisvalid FROM pg_index WHERE indexrelid = 'memory_event_embedding_idx'::regclass;
