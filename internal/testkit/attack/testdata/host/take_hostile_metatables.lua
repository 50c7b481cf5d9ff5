-- expect: contained
-- uses: luar
local loop = function() while true do end end
local t = setmetatable({ 1 }, { __index = loop, __len = loop, __tostring = loop, __eq = loop, __call = loop, __jsontype = "array" })
return pcall(host.Take, host, t), pcall(host.TakeSlice, host, t), pcall(host.Greet, host, t), pcall(host.Sum, host, t)
