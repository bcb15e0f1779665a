-- stele: verify
SELECT true;
-- stele: down
