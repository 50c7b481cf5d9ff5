-- expect: contained | calls through the library and metamethods nest in Go as well
local held = {}
for i = 1, 50 do held[i] = ("x"):rep(1e6) .. i end
local function down(n)
  if n % 190 == 0 then return pcall(down, n + 1) end
  local kind = n % 3
  if kind == 0 then return (("x"):gsub("x", function() down(n + 1) end)) end
  if kind == 1 then table.sort({ 2, 1 }, function() down(n + 1) return false end) return end
  return setmetatable({}, { __index = function() return down(n + 1) end }).x
end
pcall(down, 1)
local function co(n) return coroutine.wrap(function() down(1) return co(n + 1) end)() end
pcall(co, 1)
local function both(n) table.sort({ 2, 1 }, function() pcall(both, n + 1) both(n + 1) return false end) end
pcall(both, 1)
