-- expect: contained | what a matcher needs for a long pattern is nobody's afterwards
-- as: hook
-- calls: 4
local pattern = ("a?"):rep(2 ^ 15)
function pre.attack()
  local function inside(depth)
    if depth == 0 then return ("b"):find(pattern) end
    return ("a"):gsub("a", function() inside(depth - 1) end)
  end
  for depth = 150, 1, -1 do pcall(inside, depth) end
  local t = {}
  for i = 1, 55 do t[i] = ("x"):rep(1e6) .. i end
end
