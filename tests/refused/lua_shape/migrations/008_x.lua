return { down = function(db) end }
