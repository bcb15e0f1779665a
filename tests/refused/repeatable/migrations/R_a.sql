-- stele: one-way "no"
-- stele: no-transaction
SELECT 1;
-- stele: down
SELECT 2;
