-- Room for what the batch jobs of this history compute (J_*.lua): the embeddings of another
-- model, the sealed names of users, the lineage of events. A job goes through its table in many
-- small transactions, for as long as that takes; here is only what it writes into, and that is
-- empty until it has run. Programs that know nothing of it go on as before.
--
-- Each part commits on its own: no lock on one table is held while another one's is waited for.
--
-- stele: needs vector >= 0.5
-- stele: lock-timeout 5s

-- Beside the old embeddings: nothing is overwritten, and the search stays right meanwhile. No
-- index yet, since one that grows row by row makes each of them many times slower; and no
-- foreign key, which would lock a row of agent_memory for each that is written here. What
-- was deleted there is deleted here by the job, and by the application once it reads this table.
BEGIN;

CREATE TABLE agent_memory_1024 (
    id        uuid  NOT NULL,
    input     bytea NOT NULL,
    embedding vector(1024),
    CONSTRAINT agent_memory_1024_pkey PRIMARY KEY (id)
);

COMMENT ON TABLE agent_memory_1024 IS 'The memories of agent_memory, embedded by a model of 1,024 dimensions.';
COMMENT ON COLUMN agent_memory_1024.id IS 'Of the memory.';
COMMENT ON COLUMN agent_memory_1024.input IS 'A hash of what was embedded: a memory of which it is another one by now is stale here.';
COMMENT ON COLUMN agent_memory_1024.embedding IS 'NULL where there was nothing to embed.';

COMMIT;

BEGIN;

ALTER TABLE agent_user ADD COLUMN display_name_sealed bytea;

COMMENT ON COLUMN agent_user.display_name_sealed IS 'display_name, encrypted by the application; NULL until that was done.';

-- Sealing a name is no edit, so the columns are named.
DROP TRIGGER agent_user_touch ON agent_user;
CREATE TRIGGER agent_user_touch
    BEFORE UPDATE OF external_id, display_name, metadata ON agent_user
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

COMMIT;

BEGIN;

ALTER TABLE memory_event ADD COLUMN lineage_id uuid;

COMMENT ON COLUMN memory_event.lineage_id IS 'Of the memory that the event is about (payload.memory_id); NULL where it is about none.';

COMMIT;

-- stele: down
ALTER TABLE memory_event DROP COLUMN lineage_id;

-- A trigger that names a column keeps it from being dropped; this one doesn't name the new one.
DROP TRIGGER agent_user_touch ON agent_user;
CREATE TRIGGER agent_user_touch
    BEFORE UPDATE ON agent_user
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
ALTER TABLE agent_user DROP COLUMN display_name_sealed;

DROP TABLE agent_memory_1024;

-- stele: verify
SELECT format_type(atttypid, atttypmod) = 'vector(1024)' FROM pg_attribute
 WHERE attrelid = 'agent_memory_1024'::regclass AND attname = 'embedding';

SELECT count(*) = 1 FROM pg_attribute
 WHERE attrelid = 'agent_user'::regclass AND attname = 'display_name_sealed';

SELECT count(*) = 3 FROM pg_trigger CROSS JOIN unnest(tgattr)
 WHERE tgrelid = 'agent_user'::regclass AND tgname = 'agent_user_touch';

SELECT count(*) = 1 FROM pg_attribute
 WHERE attrelid = 'memory_event'::regclass AND attname = 'lineage_id';
