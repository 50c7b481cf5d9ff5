-- expect: contained
local n = 0
local t = setmetatable({}, { __tostring = function() n = n + 1 if n < 150 then print(("x"):rep(1e5), n) end return ("y"):rep(1e6) end })
for i = 1, 30 do pcall(print, t, t, t, t, t, t, t, t) end
