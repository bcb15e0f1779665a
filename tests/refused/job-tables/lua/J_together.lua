return {
    table = "a", key = "id", read = "b",
    map = function(row) return { b = row.b } end,
    index = "USING hnsw (v vector_cosine_ops)",
}
