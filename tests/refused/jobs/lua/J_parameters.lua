local url = parameter "embeding_url"
local parameters = { parameter("other"), parameter [[embedding_url]], parameter(url), (function(parameter) return parameter "mine" end)(print) }
return { table = "a", sql = "UPDATE a SET b = '${embedding_url}'", bind = parameters }
