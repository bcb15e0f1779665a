-- stele: no-transaction
CREATE TABLE c (x int);
DO $$ BEGIN NULL; END $$;
CALL harmless();
CREATE TABLE d (x int);
REINDEX TABLE partitioned;
CLUSTER partitioned USING i;
