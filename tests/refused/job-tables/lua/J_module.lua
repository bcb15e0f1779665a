local shared = require "shared"
return { table = "a", key = "id", read = "b", map = shared.map() }
