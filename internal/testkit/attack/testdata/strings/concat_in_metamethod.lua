-- expect: killed|error
local s = ("x"):rep(1e6)
local t = setmetatable({}, { __concat = function(a, b) s = s .. s return s end })
while true do local _ = t .. t end
