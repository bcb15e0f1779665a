-- stele: no-transaction
-- stele: idempotent
-- stele: unparsed
-- stele: lua-memory lots
-- stele: lua-memory 0MB
-- stele: lua-steps 5X
-- stele: lua-steps 500 million
-- stele: lua-stepz 1
-- stele: lock-timeout soon
-- stele: lua-memory 1MB
-- stele: lua-memory 2MB
local x = 1 -- stele: lua-steps 1
function up(db) end
-- stele: down
-- stele: verify
