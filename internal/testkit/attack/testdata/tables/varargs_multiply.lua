-- expect: error|killed
local function f(...) return f(..., ...) end
local function g(...) return (g(unpack({ ... }, 1, 200), unpack({ ... }, 1, 200))) end
pcall(f, 1, 2, 3)
return g(1, 2, 3)
