do goto away end
local y = 1