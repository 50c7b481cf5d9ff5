-- expect: contained
local s, t = ("x"):rep(1e6), {}
for i = 1, 150 do t[i] = s end
return pcall(print, unpack(t))
