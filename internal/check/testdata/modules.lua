-- A script shares its globals with the modules that it requires.

local numbers = require "numbers"
local strings, all = require "string", require "_G" -- as Lua has them
local io = require "io" --> io is not available in hooks: use log to write, and options for input
local json = require "json" --> module "json" not found in the scripts folder's lib: json is a global, which nobody requires
local missing = require "nunbers" --> module "nunbers" not found in the scripts folder's lib (did you mean "numbers"?)

print(numbers.anything, missing, strings, all, io, json) --> numbers.anything: no such function in the module numbers
print(double(2), from_strings("x"))
print(quadruple(2)) --> undefined global "quadruple"

function shared_with_module() end
