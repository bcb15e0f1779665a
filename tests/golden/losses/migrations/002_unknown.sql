SELECT 1;
-- stele: down
DROP OWNED BY somebody;
DROP EXTENSION vector CASCADE;
DROP TYPE ty CASCADE;
DROP DOMAIN d CASCADE;
-- stele: unparsed
DROP EVERYTHING;
DO $$ BEGIN END $$;
CALL clean();
EXECUTE p;
SELECT clean_up(), count(*), clean_up_again();
DROP TABLE ${tab};
DROP TABLE "a ${tab}";
ALTER TABLE ${tab} DROP COLUMN x;
