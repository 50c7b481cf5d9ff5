-- expect: true | functions that have ended hold nothing, at whatever depth they ran
-- timeout: 10s
local function at(depth, f)
  if depth == 0 then local n = f() return n end
  local n = at(depth - 1, f)
  return n
end
local function made()
  local a, b, c = ("x"):rep(6e6), ("y"):rep(6e6), ("z"):rep(6e6)
  return function() return #a + #b + #c end
end
for depth = 20, 1, -1 do
  at(depth, made())
end
return true
