-- Two kinds of memory more: procedural, how something is done, and task, what a run has taught.
--
-- The wider check can't fail on rows that the narrower one let in, but PostgreSQL doesn't know
-- that and would read the table under its strongest lock: so it is added unproven, and proven in
-- a second transaction.
--
-- stele: lock-timeout 5s

BEGIN;

ALTER TABLE agent_memory
    DROP CONSTRAINT agent_memory_memory_type_check,
    ADD CONSTRAINT agent_memory_memory_type_check
        CHECK (memory_type IN ('semantic', 'episodic', 'preference', 'procedural', 'task')) NOT VALID;

COMMIT;

ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_memory_type_check;

-- stele: down
-- Memories of the new kinds become semantic ones; what they were is kept in the metadata.
UPDATE agent_memory
   SET memory_type = 'semantic',
       metadata = metadata || jsonb_build_object('memory_type', memory_type)
 WHERE memory_type IN ('procedural', 'task');

ALTER TABLE agent_memory
    DROP CONSTRAINT agent_memory_memory_type_check,
    ADD CONSTRAINT agent_memory_memory_type_check
        CHECK (memory_type IN ('semantic', 'episodic', 'preference'));

-- stele: verify
SELECT convalidated AND pg_get_constraintdef(oid) LIKE '%procedural%' FROM pg_constraint
 WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_memory_type_check';
