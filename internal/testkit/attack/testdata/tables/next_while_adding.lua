-- expect: killed|contained
local t = { a = 1 }
local n = 0
for k in pairs(t) do n = n + 1 t["k" .. n] = n end
return true
