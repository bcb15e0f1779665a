-- stele: component events
local function fill(db, ...)
  local first <const>, rest <close> = ..., nil
  repeat local done = fill ~= nil until done
  return select("#", ...), first, rest, null
end

return {
  ["up"] = function(db) fill(db, 0x1p-4, 3e+2, .5, 1//2, ~0, 1 << 2 >> 1, "a" .. "b") end,
  down = fill;
  verify = function(db)
    return db:one("SELECT 1") ~= nil and not (2 ^ 3 <= 1 or 1 >= 2) -- utf8: é
  end,
}
