-- A module whose name cannot be seen is one of those in lib: it may define what these define, and nothing else.

local name = "num" .. "bers"
local ok, numbers = pcall(require, name)
print(ok, numbers, double(2), anything()) --> undefined global "anything"
print(table.unpack) --> table.unpack: no such function
