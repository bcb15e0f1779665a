-- Every memory anew, by a model of 1,024 dimensions, into a table beside the old embeddings.
--
-- The search goes on with these until the switch; from then on only a program that was built with
-- -D search_dim=1024 starts, which embeds its questions with the new model as well.
return {
    table = "agent_memory", key = "id", read = { "main_content" },
    embed = http {
        url = parameter "embedding_url", model = parameter "embedding_model", dimensions = 1024,
        key = secret "EMBEDDING_KEY",
    },
    text = function(row) return row.main_content end,
    into = { table = "agent_memory_1024", vector = "embedding", hash = "input" },
    index = "USING hnsw (embedding vector_cosine_ops)",
    pace = { chunk = 1000, write = "100ms", lag = "2s" },
    verify = { recall = 0.95, norm = { 0.99, 1.01 }, resample = 50 },
    switch = { parameters = { search_dim = 1024 } },
}
