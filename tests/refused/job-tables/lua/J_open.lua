-- The address is known when the job is run; what else is wrong is told all the same.
return {
    table = "a", key = "id", read = "b", text = function(row) return row.b end,
    into = { vector = "v", hsah = "h" },
    embed = http { url = parameter "embedding_url" .. "/v1", model = parameter "embedding_url", dimensions = parameter "size" },
}
