-- expect: contained | the bystanders' texts have the methods that they always had
-- calls: 3
function string:trim() return "leaked" end
string.upper, string.rep, string.format = string.trim, string.trim, string.trim
local mt = getmetatable("")
mt.__index = function() return string.trim end
mt.__metatable = "locked"
error("x")
