-- expect: contained
local t = {} for i = 1, 1000 do t[i] = i % 13 end
pcall(table.sort, t, function(a, b) for i = 1, #t do t[i] = nil end t = {} return a > b end)
return true
