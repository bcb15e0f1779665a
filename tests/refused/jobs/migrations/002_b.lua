local text = require "text"
local job = require "J_names"
function up(db)
  print(secret "KEY", text, job)
end
