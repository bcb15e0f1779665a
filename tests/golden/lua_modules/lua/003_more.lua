local split = require("text.split")
return { up = function(db) db:exec("SELECT $1::text[]", split("a b", " ")) end }
