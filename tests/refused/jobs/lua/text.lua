return { key = secret "KEY" }
