-- Where a coroutine may not yield.

coroutine.yield(1)      --> attempt to yield from outside a coroutine
pcall(coroutine.yield)
local ok, e = pcall(coroutine.yield)
assert(not ok and e:find("attempt to yield from outside a coroutine", 1, true), e)

local function refused(f)
  local co = coroutine.create(f)
  local ok, e = coroutine.resume(co)
  assert(not ok, "it yielded")
  assert(e:find("attempt to yield across a metamethod, iterator or library call", 1, true), e)
  assert(coroutine.status(co) == "dead")
end

local yield = coroutine.yield
refused(function() return setmetatable({}, {__index = function() yield() end}).x end)
refused(function() return setmetatable({}, {__index = yield}).x end)
refused(function() setmetatable({}, {__newindex = function() yield() end}).x = 1 end)
refused(function() return setmetatable({}, {__add = function() yield() end}) + 1 end)
refused(function() local t = setmetatable({}, {__eq = function() yield() end}) return t == setmetatable({}, getmetatable(t)) end)
refused(function() return setmetatable({}, {__lt = yield}) < setmetatable({}, {__lt = yield}) end)
refused(function() return setmetatable({}, {__concat = function() yield() end}) .. "x" end)
refused(function() return -setmetatable({}, {__unm = function() yield() end}) end)
refused(function() return tostring(setmetatable({}, {__tostring = function() yield() end})) end)
refused(function() for x in yield do end end)
refused(function() for x in function() yield() end do end end)
refused(function() table.sort({3, 2, 1}, function(a, b) yield() return a < b end) end)
refused(function() return ("abc"):gsub(".", function() yield() end) end)
refused(function() return ("abc"):gsub(".", yield) end)
refused(function() return require("yields") end)

-- A protected call catches the refusal as it catches any error.
local co = coroutine.wrap(function()
  local ok, e = pcall(yield)
  assert(not ok and e:find("across a metamethod, iterator or library call"), e)
  local ok, e = pcall(function() local x = yield(1) return x end)
  assert(not ok and e:find("across a metamethod, iterator or library call"), e)
  local ok, e = xpcall(function() yield(1) end, function(e) return e end)
  assert(not ok and e:find("across a metamethod, iterator or library call"), e)
  local ok, e = xpcall(error, yield)
  assert(not ok and e:find("across a metamethod, iterator or library call"), e)
  yield("after all")
  return "done"
end)
assert(co() == "after all" and co() == "done")

-- A coroutine inside any of them may yield to it.
local t = setmetatable({}, {__index = function(_, k) return coroutine.wrap(function() yield(k .. "!") end)() end})
assert(t.x == "x!")
local words = ("a b"):gsub("%a", function(c) return coroutine.wrap(function() yield(c:upper()) end)() end)
assert(words == "A B")
assert(select(2, pcall(coroutine.wrap(function() yield("in pcall") end))) == "in pcall")

-- __call is no such place: the function runs in the coroutine's own loop, as in Lua.
local co = coroutine.wrap(function() return setmetatable({}, {__call = function(_, x) return yield(x) end})(5) end)
assert(co() == 5 and co(6) == 6)
