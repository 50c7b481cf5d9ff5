-- expect: killed|error|contained
local s = "1" .. ("0"):rep(1e6)
local n = 0
for i = 1, 1e6 do n = n + s end
return n
