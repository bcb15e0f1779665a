-- stele: one-way "no"
-- stele: no-transaction
-- stele: idempotent
SELECT 1;
-- stele: down
SELECT 2;
