db:exec("SELECT 1")
return function(_ENV) end
