-- A module whose name cannot be seen may define any global.

local name = "num" .. "bers"
local ok, numbers = pcall(require, name)
print(ok, numbers, double(2), anything())
