-- What a module that does not compile would define is not known.

local broken = require "broken"
print(broken, anything)
