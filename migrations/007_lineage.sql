-- Memories change: a better one supersedes an older one, and the older one stays, so that an
-- answer given yesterday can be explained today. The memories that replaced one another share a
-- lineage_id and are numbered by revision; one of them at most is active.
--
-- stele: lock-timeout 5s

-- superseded_by is checked at the commit: the older memory has to leave the active state before
-- the newer one, which it points to, can be inserted.
BEGIN;

ALTER TABLE agent_memory
    ADD COLUMN status text NOT NULL DEFAULT 'active',
    ADD COLUMN lineage_id uuid,
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN superseded_by uuid,
    ADD CONSTRAINT agent_memory_status_check
        CHECK (status IN ('active', 'superseded', 'retracted')) NOT VALID,
    ADD CONSTRAINT agent_memory_lineage_id_check CHECK (lineage_id IS NOT NULL) NOT VALID,
    ADD CONSTRAINT agent_memory_revision_check CHECK (revision > 0) NOT VALID,
    ADD CONSTRAINT agent_memory_superseded_by_check
        CHECK ((status = 'superseded') = (superseded_by IS NOT NULL) AND superseded_by <> id) NOT VALID,
    ADD CONSTRAINT agent_memory_superseded_by_fkey
        FOREIGN KEY (superseded_by) REFERENCES agent_memory (id)
        DEFERRABLE INITIALLY DEFERRED NOT VALID;

COMMENT ON COLUMN agent_memory.status IS 'Searches look at active memories only.';
COMMENT ON COLUMN agent_memory.lineage_id IS 'The id of the first memory of the lineage.';
COMMENT ON COLUMN agent_memory.revision IS 'From 1, within the lineage.';
COMMENT ON COLUMN agent_memory.superseded_by IS 'The memory that took the place of this one.';

CREATE OR REPLACE FUNCTION agent_memory_fill() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.main_content := coalesce(NEW.main_content, NEW.content);
        NEW.lineage_id := coalesce(NEW.lineage_id, NEW.id);
    ELSIF NEW.main_content IS NULL OR NEW.main_content = OLD.content THEN
        -- Nobody gave it a text of its own, so it follows the content.
        NEW.main_content := NEW.content;
    END IF;
    RETURN NEW;
END
$$;

COMMIT;

-- Every memory so far is the first of its lineage.
UPDATE agent_memory SET lineage_id = id WHERE lineage_id IS NULL;

ALTER TABLE agent_memory
    VALIDATE CONSTRAINT agent_memory_status_check,
    VALIDATE CONSTRAINT agent_memory_lineage_id_check,
    VALIDATE CONSTRAINT agent_memory_revision_check,
    VALIDATE CONSTRAINT agent_memory_superseded_by_check,
    VALIDATE CONSTRAINT agent_memory_superseded_by_fkey;

BEGIN;

ALTER TABLE agent_memory ALTER COLUMN lineage_id SET NOT NULL;
ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_lineage_id_check;

COMMIT;

CREATE UNIQUE INDEX CONCURRENTLY agent_memory_lineage_id_revision_key ON agent_memory (lineage_id, revision);
CREATE UNIQUE INDEX CONCURRENTLY agent_memory_active_key ON agent_memory (lineage_id) WHERE status = 'active';
CREATE INDEX CONCURRENTLY agent_memory_superseded_by_idx ON agent_memory (superseded_by)
    WHERE superseded_by IS NOT NULL;

ALTER TABLE agent_memory
    ADD CONSTRAINT agent_memory_lineage_id_revision_key
        UNIQUE USING INDEX agent_memory_lineage_id_revision_key;

-- stele: down
-- Without a status, superseded and retracted memories would come back to life, so they go. The
-- foreign key must not wait for the commit: a table with pending checks can't be altered.
SET CONSTRAINTS agent_memory_superseded_by_fkey IMMEDIATE;
DELETE FROM agent_memory WHERE status <> 'active';

CREATE OR REPLACE FUNCTION agent_memory_fill() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.main_content := coalesce(NEW.main_content, NEW.content);
    ELSIF NEW.main_content IS NULL OR NEW.main_content = OLD.content THEN
        -- Nobody gave it a text of its own, so it follows the content.
        NEW.main_content := NEW.content;
    END IF;
    RETURN NEW;
END
$$;

-- The constraints and indexes of these columns go with them.
ALTER TABLE agent_memory
    DROP COLUMN superseded_by,
    DROP COLUMN revision,
    DROP COLUMN lineage_id,
    DROP COLUMN status;

-- stele: verify
SELECT count(*) = 3 AND bool_and(attnotnull) FROM pg_attribute
 WHERE attrelid = 'agent_memory'::regclass AND attname IN ('status', 'lineage_id', 'revision');

SELECT condeferred AND convalidated FROM pg_constraint
 WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_superseded_by_fkey';

SELECT count(*) = 3 AND bool_and(indisvalid) FROM pg_index
 WHERE indexrelid IN ('agent_memory_lineage_id_revision_key'::regclass, 'agent_memory_active_key'::regclass,
                      'agent_memory_superseded_by_idx'::regclass);
