-- Loops without an end are left by an error, or never.
local produce = coroutine.wrap(function()
  while true do
    coroutine.yield(
      1
    )
  end
  print("never")
end)
produce() produce()
pcall(function()
  local n = 0
  while true do
    n = n + 1
    assert(
      n < 5
    )
  end
end)
local function recurse(n)
  if n == 0 then
    error("deep")
  end
  recurse(n - 1)
  return n
end
pcall(recurse, 3)
local t = setmetatable({}, {
  __index = function(t, k)
    return k ..
      "!"
  end,
  __newindex = function(t, k, v)
    rawset(t, k, v)
  end,
  __lt = function(a, b)
    error("no")
  end,
})
t.x = t.y
pcall(function()
  if t < setmetatable({}, getmetatable(t)) then
    t.z = 1
  end
  t.w = 2
end)
local _ = (("abc"):gsub("b", function(c)
  return c:upper()
end))
xpcall(function()
  local x = nil
  x.y = 1
  x = 2
end, function(e)
  return e
end)
