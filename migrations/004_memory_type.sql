-- Memories of different kinds are kept for different times and ranked by different rules. Every
-- memory so far was a plain statement: semantic.
--
-- A text column with a check, and no enum type: a check can be widened and narrowed in a
-- transaction, a value of an enum can't be taken out again.
--
-- stele: lock-timeout 5s

-- A constant default is kept in the catalog: no row is written.
BEGIN;

ALTER TABLE agent_memory
    ADD COLUMN memory_type text NOT NULL DEFAULT 'semantic',
    ADD CONSTRAINT agent_memory_memory_type_check
        CHECK (memory_type IN ('semantic', 'episodic', 'preference')) NOT VALID;

COMMENT ON COLUMN agent_memory.memory_type IS 'What kind of memory it is: decides how long it is kept and how it is ranked.';

COMMIT;

-- Reads the whole table, but lets others write meanwhile.
ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_memory_type_check;

-- stele: down
ALTER TABLE agent_memory DROP COLUMN memory_type;

-- stele: verify
SELECT attnotnull FROM pg_attribute
 WHERE attrelid = 'agent_memory'::regclass AND attname = 'memory_type';

SELECT convalidated FROM pg_constraint
 WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_memory_type_check';
