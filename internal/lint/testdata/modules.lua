-- A script shares its globals with the modules that it requires.

local numbers = require "numbers"
local missing = require "nunbers" --> module "nunbers" not found in the scripts folder's lib (did you mean "numbers"?)

print(numbers.anything, missing)
print(double(2), from_strings("x"))
print(quadruple(2)) --> undefined global "quadruple"

function shared_with_module() end
