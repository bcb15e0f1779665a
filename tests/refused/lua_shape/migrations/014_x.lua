local M = {}
function M:up() end
function M.dwon(db) end
function M.helper(db) end
return M
