-- Every note anew, with a model of 1,024 dimensions
-- stele: lua-memory 256MB
-- stele: lua-steps 500M

local words, limits = require "words", require("limits")

local function text(row)
    return words.squeeze(row.content)
end

return {
    table = "note", key = "id", read = { "content" },
    embed = http { url = parameter "embedding_url", model = "bge-m3", dimensions = limits.dimensions, key = secret "EMBEDDING_KEY" },
    text = text,
    into = { vector = "embedding", hash = "input" },
}
