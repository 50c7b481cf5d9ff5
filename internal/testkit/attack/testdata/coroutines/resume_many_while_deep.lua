-- expect: true | what does not fit onto the stack of a coroutine costs no closure its variables
local function deep(n)
  if n == 0 then return { coroutine.yield() } end
  local r = deep(n - 1)
  return r
end
local waiting = coroutine.create(deep)
assert(coroutine.resume(waiting, 150))
for i = 1, 20 do
  local get
  local ok = pcall(function()
    local secret = "value" .. i
    get = function() return secret end
    if i % 2 == 0 then coroutine.wrap(function() coroutine.resume(waiting, unpack({}, 1, 5900)) end)() end
    coroutine.resume(waiting, unpack({}, 1, 5900))
  end)
  assert(not ok and get() == "value" .. i)
end
return true
