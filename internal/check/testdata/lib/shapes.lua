local M = { version = 1 }

local function square(n) return n * n end

function M.area(n) return square(n) end

function M:perimeter() return self.version end

for name in pairs(M) do print(name) end

return M
