-- expect: contained
local function f() return pcall(f) end
for i = 1, 20 do f() end
return true
