-- expect: contained
local s = ("1"):rep(1e7)
for i = 1, 50 do tonumber(s) tonumber(s, 2) tonumber(s, 36) tonumber((" "):rep(1e6)) local _ = pcall(function() return s + 1 end) end
return true
