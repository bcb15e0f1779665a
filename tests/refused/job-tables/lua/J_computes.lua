-- What it computes with isn't known before it is run: nothing is said.
local length = #parameter "embedding_url"
return { table = length }
