local M = {}

function M.squeeze(text)
    return (text:gsub("%s+", " "))
end

return M
