-- expect: contained
local t = {} t[1000000] = 1
pcall(table.sort, t) pcall(table.sort, t, function(a, b) return true end)
return true
