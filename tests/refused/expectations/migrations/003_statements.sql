-- stele: expect rows = 1
CREATE TABLE a (x int);
-- stele: expect rows = 1
BEGIN;
-- stele: expect rows = 1
COPY a TO stdout;
COMMIT;
-- stele: expect rows = 1
DO $$ BEGIN DELETE FROM a; END $$;
-- stele: expect rows = 1
CREATE MATERIALIZED VIEW b AS SELECT 1;
-- stele: expect rows = 1 if table not empty
SELECT * FROM a;
-- stele: expect rows = 1 if table not empty
SELECT * INTO b FROM a;
UPDATE a
-- stele: expect rows = 1
SET x = 1;
-- stele: expect rows = 1
-- stele: down
DELETE FROM a;
-- stele: verify
-- stele: expect rows = 1
SELECT true;
