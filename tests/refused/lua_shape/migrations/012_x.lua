local M = {}
function M.down() end
return M
