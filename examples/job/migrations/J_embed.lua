-- A vector for each note, made by the application itself
return {
    table = "note", key = "id", read = { "body" },
    embed = callback { model = "letters", dimensions = 26 },
    text = function(row) return row.body end,
    into = { table = "note_vector", vector = "embedding", hash = "input" },
}
