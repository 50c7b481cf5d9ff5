-- expect: contained | errors that hold much, raised while others are on their way
local function fling(n)
  local ok, e = pcall(function()
    local ok, e = xpcall(function() error({ ("x"):rep(1e6) .. n }) end, function(e) if n > 0 then return fling(n - 1) end return e end)
    error(e)
  end)
  return e
end
for i = 1, 3 do pcall(fling, 90) end
