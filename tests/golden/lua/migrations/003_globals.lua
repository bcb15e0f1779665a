#!/usr/bin/env lua
-- stele: component events
-- stele: lock-timeout 5s
-- stele: needs server >= 12
-- stele: lua-memory 256MB
-- stele: lua-steps 500M
-- stele: allow whole-table "there are few"

local MARK <const> = [==[
--stele: not a directive: this stands in a string ]] "
]==]

--[[ stele: nor is this one ]]
function up(db)
  for row in db:rows("SELECT id, kind FROM event") do
    if row.kind == MARK then goto next end
    db:exec("UPDATE event SET kind = $2 WHERE id = $1", row.id, "\z
      a\"b\
c" .. '\'' .. #row)
    ::next::
  end
end

down = function(db)
  up(db)
end

function verify(db)
  return db:one("SELECT count(*) = 0 AS fine FROM event").fine
end
