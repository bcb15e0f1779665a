-- stele: lua-memory 1MB
-- stele: lua-steps 1M
SELECT 1;
