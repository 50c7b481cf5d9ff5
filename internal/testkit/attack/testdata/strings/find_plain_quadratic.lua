-- expect: killed|contained
local s, p = ("a"):rep(4e6), ("a"):rep(2e6) .. "b"
for i = 1, 1000 do s:find(p, 1, true) end
return true
