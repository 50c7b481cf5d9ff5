-- expect: killed|contained
local n = 0
for _ in ("x"):rep(1e7):gmatch("") do n = n + 1 end
return n
