-- stele: component events
-- stele: after 004
-- stele: one-way "the kinds are gone"
local M = {}
local limits = setmetatable({ 1, 2; three = 3, [4] = { 5 } }, { __index = function(self, key) return key end })

function M.up(db)
  for i = 1, #limits, 1 do
    while i > limits[i] do break end
    local text = ("x"):rep(i):upper() .. string.format("%d", limits.three)
    if text == "" then return elseif text then print(text) else error { text } end
  end
end

function M.verify()
  return M ~= nil
end

return M
