local c = require "circle"
return c
