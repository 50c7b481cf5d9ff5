-- expect: contained | the buffer of a replacement that fails is left with the matcher
local text, part = ("x"):rep(20), ("y"):rep(1e6)
local function nest(depth)
  local n = 0
  text:gsub("x", function()
    n = n + 1
    if n < 14 then return part end
    if depth > 0 then nest(depth - 1) end
    error("enough")
  end)
end
for depth = 0, 6 do pcall(nest, depth) end
local function alone() local n = 0 text:gsub("x", function() n = n + 1 if n > 14 then error("enough") end return part end) end
local function inside(depth)
  if depth == 0 then return alone() end
  ("a"):gsub("a", function() inside(depth - 1) end)
end
for depth = 90, 1, -1 do pcall(inside, depth) end
return true
