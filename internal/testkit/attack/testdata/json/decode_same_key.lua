-- expect: contained
local n = 0
for k in pairs(json.decode("{" .. ('"a":1,'):rep(1e6) .. '"a":2}')) do n = n + 1 end
return n == 1
