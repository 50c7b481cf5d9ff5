-- expect: true
local m = require("shared")
m.value = "EVIL"
string.format = nil
tostring = function() return "EVIL" end
--8<-- victim
local m = require("shared")
return m.value == "own" and m.text() == "1"
--8<-- lib/shared.lua
return { value = "own", text = function() return string.format("%s", tostring(1)) end }
