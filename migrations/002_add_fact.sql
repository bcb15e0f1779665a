-- A memory is kept as it was said (content), as the one sentence that is worth knowing (fact,
-- where the extractor found one), and as what a prompt is given (main_content: without
-- greetings, quotes and the noise of tools; the content itself until something better is known).
--
-- Up to now the extractor left the fact in the metadata; the backfill takes it from there.
--
-- Each part commits on its own: the exclusive lock that ADD COLUMN takes is gone again before
-- the table is read or written as a whole.
--
-- stele: lock-timeout 5s

-- Programs that know nothing of main_content go on writing while this runs and after it: the
-- trigger fills the column for them, and the check holds for every row that comes from now on.
BEGIN;

ALTER TABLE agent_memory
    ADD COLUMN fact text,
    ADD COLUMN main_content text,
    ADD CONSTRAINT agent_memory_fact_check CHECK (btrim(fact) <> '') NOT VALID,
    ADD CONSTRAINT agent_memory_main_content_check CHECK (main_content IS NOT NULL) NOT VALID;

COMMENT ON COLUMN agent_memory.fact IS 'The one sentence to know; NULL where there is none.';
COMMENT ON COLUMN agent_memory.main_content IS 'What a prompt is given.';

CREATE FUNCTION agent_memory_fill() RETURNS trigger
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

COMMENT ON FUNCTION agent_memory_fill() IS 'BEFORE INSERT OR UPDATE: fills what an older program leaves out.';

CREATE TRIGGER agent_memory_fill
    BEFORE INSERT OR UPDATE OF content ON agent_memory
    FOR EACH ROW EXECUTE FUNCTION agent_memory_fill();

COMMIT;

UPDATE agent_memory
   SET fact = nullif(btrim(metadata ->> 'fact'), ''),
       main_content = content
 WHERE main_content IS NULL;

ALTER TABLE agent_memory
    VALIDATE CONSTRAINT agent_memory_fact_check,
    VALIDATE CONSTRAINT agent_memory_main_content_check;

-- With the check proven, SET NOT NULL doesn't read the table again. The touch trigger names the
-- new columns only now, so that the backfill was no edit.
BEGIN;

ALTER TABLE agent_memory ALTER COLUMN main_content SET NOT NULL;
ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_main_content_check;

DROP TRIGGER agent_memory_touch ON agent_memory;
CREATE TRIGGER agent_memory_touch
    BEFORE UPDATE OF content, fact, main_content, importance, metadata ON agent_memory
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

COMMIT;

-- stele: down
-- A trigger that names a column keeps it from being dropped, so it goes first.
DROP TRIGGER agent_memory_touch ON agent_memory;
CREATE TRIGGER agent_memory_touch
    BEFORE UPDATE OF content, importance, metadata ON agent_memory
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

DROP TRIGGER agent_memory_fill ON agent_memory;
DROP FUNCTION agent_memory_fill();

ALTER TABLE agent_memory
    DROP COLUMN main_content,
    DROP COLUMN fact;

-- stele: verify
SELECT count(*) = 2 FROM pg_attribute
 WHERE attrelid = 'agent_memory'::regclass AND attname IN ('fact', 'main_content');

SELECT attnotnull FROM pg_attribute
 WHERE attrelid = 'agent_memory'::regclass AND attname = 'main_content';

SELECT convalidated FROM pg_constraint
 WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_fact_check';

SELECT tgenabled = 'O' FROM pg_trigger
 WHERE tgrelid = 'agent_memory'::regclass AND tgname = 'agent_memory_fill';
