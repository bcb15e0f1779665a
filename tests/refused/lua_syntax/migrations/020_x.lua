-- onefunction up(db) end
