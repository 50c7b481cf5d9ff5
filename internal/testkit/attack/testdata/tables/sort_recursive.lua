-- expect: error|killed
local function sort() table.sort({ 2, 1 }, function() sort() return false end) end
sort()
