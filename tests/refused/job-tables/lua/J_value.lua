return {
    table = "a", key = "id", sql = "DELETE FROM a USING :batch b WHERE a.id = b.id",
    pace = { write = "soon", wal = parameter "pace" },
}
