local a = { table = "a" }
