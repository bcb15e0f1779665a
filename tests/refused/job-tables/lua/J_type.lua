return {
    table = "a", key = "id", read = "b", text = function(row) return row.b end,
    into = { vector = "v" },
    embed = fixed { dimensions = "3" },
}
