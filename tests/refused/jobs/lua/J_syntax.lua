return { table = "a" map = 1 }
