-- expect: killed
local a, b = ("x"):rep(8e6), ("x"):rep(8e6 - 1) .. "x"
local n = 0
while true do if a == b then n = n + 1 end end
