-- expect: killed
local s, t = ("x"):rep(1e6), {}
for i = 1, 1e9 do t[s .. i] = i end
