-- stele: component billing
-- stele: after 001
SELECT 1
-- stele: down
SELECT 2;
-- stele: verify
