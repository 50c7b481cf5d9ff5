-- expect: killed|error|contained
local t = setmetatable({}, { __index = function() return "" end })
return pcall(table.concat, t, "x", 1, 1e15)
