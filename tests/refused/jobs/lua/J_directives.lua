-- stele: component other
-- stele: no-transaction
-- stele: lock-timeout 5s
-- stele: after 001
-- stele: down
-- stele: lua-memory lots
-- stele: lua-stepz 5M
-- stele lock-timeout 5s
-- stele lua-steps 5M
return { table = "a", key = "id", read = "b", map = function(row) return {} end }
