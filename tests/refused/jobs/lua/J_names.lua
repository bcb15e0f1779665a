local text = require "text"

local function clock(row)
    return os.time() + os.clock() + io.read(), os.getenv("KEY"), os.exit, load, db:one("SELECT 1"), debug.traceback()
end

function verify(row) end
secret = "x"
up = 1

return {
    table = "a", read = { "b" },
    embed = htp { url = paramter "embedding_url", key = secrt "KEY" },
    text = clock, verify = verify, of = string.dump, with = string.fromat,
}
