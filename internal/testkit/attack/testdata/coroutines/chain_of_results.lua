-- expect: contained | each coroutine hands a long string through to the one before
local function make(depth)
  local s = ("x"):rep(1e5) .. depth
  if depth == 0 then return s end
  local inner = coroutine.wrap(make)
  return s, inner(depth - 1)
end
for i = 1, 40 do pcall(make, 98) end
