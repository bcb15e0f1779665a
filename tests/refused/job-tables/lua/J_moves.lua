return { table = "a", key = "id", by = "blocks", sql = "UPDATE a SET b = 1 FROM :batch b WHERE a.id = b.id" }
