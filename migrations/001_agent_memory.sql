-- The memory of an AI agent: who remembers (agent), about whom (agent_user), in which
-- conversation (agent_session), and what (agent_memory). A memory is found again in three
-- ways: by words, by parts of words, and by meaning; each has its column and its index.
--
-- stele: needs server >= 13
-- stele: needs vector >= 0.5
-- stele: needs pg_trgm

-- The only IF NOT EXISTS of this history: an extension belongs to the database, and where
-- the application's role may not create one, an operator has done it beforehand.
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION touch_updated_at() IS 'BEFORE UPDATE: notes when a row was last edited.';

CREATE TABLE agent (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    name        text        NOT NULL,
    description text        NOT NULL DEFAULT '',
    metadata    jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agent_pkey PRIMARY KEY (id),
    CONSTRAINT agent_name_key UNIQUE (name),
    CONSTRAINT agent_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT agent_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE agent IS 'One row per agent that has a memory of its own.';

CREATE TABLE agent_user (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    external_id  text        NOT NULL,
    display_name text        NOT NULL DEFAULT '',
    metadata     jsonb       NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agent_user_pkey PRIMARY KEY (id),
    CONSTRAINT agent_user_external_id_key UNIQUE (external_id),
    CONSTRAINT agent_user_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE agent_user IS 'The people (or programs) that agents talk to.';
COMMENT ON COLUMN agent_user.external_id IS 'What the application calls this user.';

CREATE TABLE agent_session (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    agent_id   uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    title      text        NOT NULL DEFAULT '',
    metadata   jsonb       NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CONSTRAINT agent_session_pkey PRIMARY KEY (id),
    CONSTRAINT agent_session_agent_id_fkey
        FOREIGN KEY (agent_id) REFERENCES agent (id) ON DELETE CASCADE,
    CONSTRAINT agent_session_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES agent_user (id) ON DELETE CASCADE,
    CONSTRAINT agent_session_ended_at_check CHECK (ended_at >= started_at),
    CONSTRAINT agent_session_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE agent_session IS 'A conversation of one agent with one user.';
COMMENT ON COLUMN agent_session.ended_at IS 'NULL while it goes on.';

CREATE TABLE agent_memory (
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    agent_id         uuid        NOT NULL,
    user_id          uuid,
    session_id       uuid,
    content          text        NOT NULL,
    content_tsv      tsvector    GENERATED ALWAYS AS (to_tsvector('english', content)) STORED,
    embedding        vector(${embedding_dim}),
    importance       real        NOT NULL DEFAULT 0.5,
    metadata         jsonb       NOT NULL DEFAULT '{}',
    access_count     integer     NOT NULL DEFAULT 0,
    last_accessed_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agent_memory_pkey PRIMARY KEY (id),
    CONSTRAINT agent_memory_agent_id_fkey
        FOREIGN KEY (agent_id) REFERENCES agent (id) ON DELETE CASCADE,
    CONSTRAINT agent_memory_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES agent_user (id) ON DELETE CASCADE,
    CONSTRAINT agent_memory_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES agent_session (id) ON DELETE SET NULL,
    CONSTRAINT agent_memory_content_check CHECK (btrim(content) <> ''),
    CONSTRAINT agent_memory_importance_check CHECK (importance BETWEEN 0 AND 1),
    CONSTRAINT agent_memory_access_count_check CHECK (access_count >= 0),
    CONSTRAINT agent_memory_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
);

COMMENT ON TABLE agent_memory IS 'What an agent remembers, one memory per row.';
COMMENT ON COLUMN agent_memory.user_id IS 'NULL: true of no user in particular.';
COMMENT ON COLUMN agent_memory.session_id IS 'Where it was learnt; NULL when that session is gone.';
COMMENT ON COLUMN agent_memory.content_tsv IS 'For the search by words.';
COMMENT ON COLUMN agent_memory.embedding IS 'For the search by meaning; NULL until it was computed.';
COMMENT ON COLUMN agent_memory.importance IS 'From 0, may be forgotten, to 1, must not be.';

CREATE INDEX agent_session_agent_id_started_at_idx ON agent_session (agent_id, started_at DESC);
CREATE INDEX agent_session_user_id_started_at_idx ON agent_session (user_id, started_at DESC);

-- Each foreign key has an index that begins with its column: without one, deleting the row it
-- refers to reads this whole table.
CREATE INDEX agent_memory_agent_id_created_at_idx ON agent_memory (agent_id, created_at DESC);
CREATE INDEX agent_memory_user_id_created_at_idx ON agent_memory (user_id, created_at DESC);
CREATE INDEX agent_memory_session_id_idx ON agent_memory (session_id);

CREATE INDEX agent_memory_content_tsv_idx ON agent_memory USING gin (content_tsv);
CREATE INDEX agent_memory_content_trgm_idx ON agent_memory USING gin (content gin_trgm_ops);
CREATE INDEX agent_memory_embedding_idx ON agent_memory
    USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);

CREATE TRIGGER agent_touch
    BEFORE UPDATE ON agent
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER agent_user_touch
    BEFORE UPDATE ON agent_user
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- Looking a memory up and embedding it anew are not edits, so the columns are named.
CREATE TRIGGER agent_memory_touch
    BEFORE UPDATE OF content, importance, metadata ON agent_memory
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- stele: down
DROP TABLE agent_memory, agent_session, agent_user, agent;
DROP FUNCTION touch_updated_at();
-- No CASCADE: when something else uses an extension by now, this fails and nothing is lost.
DROP EXTENSION pg_trgm, vector;

-- stele: verify
SELECT count(*) = 4 FROM pg_class
 WHERE oid IN ('agent'::regclass, 'agent_user'::regclass, 'agent_session'::regclass, 'agent_memory'::regclass);

SELECT format_type(atttypid, atttypmod) = 'vector(${embedding_dim})' FROM pg_attribute
 WHERE attrelid = 'agent_memory'::regclass AND attname = 'embedding';

SELECT attgenerated = 's' FROM pg_attribute
 WHERE attrelid = 'agent_memory'::regclass AND attname = 'content_tsv';

SELECT count(*) = 3 AND bool_and(indisvalid) FROM pg_index
 WHERE indexrelid IN ('agent_memory_content_tsv_idx'::regclass, 'agent_memory_content_trgm_idx'::regclass,
                      'agent_memory_embedding_idx'::regclass);
