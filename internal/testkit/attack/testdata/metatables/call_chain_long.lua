-- expect: contained
local f = function() return 1 end
for i = 1, 1e5 do f = setmetatable({}, { __call = f }) end
return pcall(f)
