this is not Lua, and nobody requires it
