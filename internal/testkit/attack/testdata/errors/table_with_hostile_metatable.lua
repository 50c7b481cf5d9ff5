-- expect: error
local loop = function() while true do end end
error(setmetatable({}, { __index = loop, __tostring = loop, __eq = loop, __concat = loop, __len = loop, __call = loop }))
