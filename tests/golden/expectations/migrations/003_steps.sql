BEGIN;
-- stele: expect rows = 1
UPDATE a SET x = 1;
COMMIT;
CREATE INDEX CONCURRENTLY a_x ON a (x);
-- stele: expect rows = 2
UPDATE a SET x = 2;
