return { map = function() return ("ä"):nothing() end }
