return { dimensions = 1024 }
