local split = require "text.split"
local M = {}
function M.words(text) return split(text, "%s") end
return M
