-- pcall, xpcall and error.

-- What a function returns comes back after true.
assert(select("#", pcall(function() end)) == 1)
local ok, a, b, c = pcall(function() return 1, nil, 3 end)
assert(ok == true and a == 1 and b == nil and c == 3)
assert(select("#", pcall(function() return nil, nil end)) == 3)
local ok, n = pcall(select, "#", nil, nil)
assert(ok and n == 2)
assert(select(2, pcall(function(...) return select("#", ...) end, nil, nil, nil)) == 3)

-- Any value can be raised, and comes back as it is.
local function raised(...) return select(2, pcall(error, ...)) end
local t = {code = "x"}
assert(raised(t) == t and raised(t, 2) == t)
assert(raised(nil) == nil and raised() == nil and raised(true) == true and raised(print) == print and raised(null) == null)
assert(raised(options) == options)
assert(select("#", pcall(error)) == 2)
local ok, e = pcall(error, setmetatable({}, {__tostring = function() return "shown" end}))
assert(tostring(e) == "shown")

-- error puts the place before a message: that of the function that called error (1), of its caller (2), or none (0).
local function fail(level) error("no", level) end
local ok, e = pcall(function() fail() end)
assert(e == "pcall.lua:23: no", e)
local ok, e = pcall(function() fail(1) end)
assert(e == "pcall.lua:23: no", e)
local ok, e = pcall(function() fail(2) end)
assert(e == "pcall.lua:28: no", e)
local ok, e = pcall(function() fail(0) end)
assert(e == "no", e)
local ok, e = pcall(function() error(12) end)
assert(e == "pcall.lua:32: 12" and type(e) == "string", e)

-- Level 2 of a function that pcall itself called is pcall, which has no place; level 3 is who called pcall.
local ok, e = pcall(fail, 2)
assert(e == "no", e)
local ok, e = pcall(fail, 3)
assert(e == "pcall.lua:38: no", e)
local ok, e = pcall(fail, 99)
assert(e == "no", e)
local ok, e = pcall(error, "direct")
assert(e == "direct", e)
local ok, e = pcall(error, "direct", 2)
assert(e == "pcall.lua:44: direct", e)

-- A tail call leaves no frame, but counts.
local function inner(level) error("tail", level) end
local function outer(level) return inner(level) end
local function caller(level)
  outer(level)
end
local ok, e = pcall(caller, 1)
assert(e == "pcall.lua:48: tail", e)
local ok, e = pcall(caller, 2)
assert(e == "tail", e)
local ok, e = pcall(caller, 3)
assert(e == "pcall.lua:51: tail", e)
local function spin(n) if n == 0 then error("spun", 2) end return spin(n - 1) end
local ok, e = pcall(function() local x = spin(1000) end)
assert(e == "spun", e)

-- A function of the library that calls back has no place either.
local ok, e = pcall(table.sort, {2, 1}, function() error("order", 2) end)
assert(e == "order", e)
local ok, e = pcall(table.sort, {2, 1}, function() error("order", 1) end)
assert(e == "pcall.lua:66: order", e)

-- assert
local ok, e = pcall(assert, false)
assert(e == "assertion failed!", e)
local ok, e = pcall(function() assert(nil, "not there") end)
assert(e == "pcall.lua:72: not there", e)
assert(select("#", assert(1, 2, 3)) == 3)
assert()  --> bad argument #1 to 'assert' (value expected)

-- Nesting, and raising again.
local ok, e = pcall(function()
  local ok, e = pcall(error, "inner")
  assert(not ok and e == "inner")
  error(e .. " again", 0)
end)
assert(e == "inner again")
assert(pcall(pcall, error, "x") == true)
local ok, ok2, e = pcall(pcall, error, "x")
assert(ok and ok2 == false and e == "x")

-- What cannot be called.
pcall()                     --> bad argument #1 to 'pcall' (value expected)
local ok, e = pcall(nil)
assert(not ok and e == "attempt to call a nil value" and select(2, pcall({}, 1)) == "attempt to call a table value", e)
local ok, v = pcall(setmetatable({}, {__call = function(self, x) return x end}), 7)
assert(ok and v == 7)

-- xpcall calls the handler with the error, and returns the first value that it returns.
local ok, h = xpcall(function() error("broken") end, function(e) return "handled: " .. e end)
assert(not ok and h == "handled: pcall.lua:96: broken", h)
local ok, x, y = xpcall(function() return 1, 2 end, function() error("not called") end)
assert(ok and x == 1 and y == 2)
local ok, x, y = xpcall(function() error(t) end, function(e) return e, "more" end)
assert(not ok and x == t and y == nil and select("#", xpcall(error, function() end)) == 2)
local ok, e = xpcall(function() error("first") end, function() error("second", 0) end)
assert(not ok and e == "second", e)
local ok, e = xpcall(error, function(e) return e end)
assert(not ok and e == nil)
xpcall(print)               --> bad argument #2 to 'xpcall' (value expected)
assert(not xpcall(error, 5))

-- Deep recursion is an error like others, here and in a protected call.
local function deep(n) return 1 + deep(n + 1) end
deep(1)                     --> pcall.lua:110: stack overflow
local ok, e = pcall(deep, 1)
assert(not ok and e:find("stack overflow"), e)
local function grow(...) return grow(1, ...) end
local ok, e = pcall(grow, unpack({}, 1, 3000))
assert(not ok and e == "stack overflow", e)
local depth = 0
local function nest() depth = depth + 1 local ok, e = pcall(nest) if not ok then error(e, 0) end end
local ok, e = pcall(nest)
assert(not ok and e:find("stack overflow: 100 nested coroutines and protected calls", 1, true), e)
assert(depth > 50, depth)
local loop = setmetatable({}, {__index = function(t, k) return t[k] end})
local x = loop.x            --> pcall.lua:122: stack overflow
local self = setmetatable({}, {__tostring = tostring})
tostring(self)              --> stack overflow
local ring = {}
setmetatable(ring, {__index = ring})
local x = ring.x            --> loop in gettable

-- Locals of the functions around keep their values, whatever was raised inside.
local count = 0
local function bump() count = count + 1 return count end
pcall(function() bump() error("x") end)
assert(count == 1 and bump() == 2 and count == 2)
pcall(function() count = 10 error({}) end)
assert(count == 10 and bump() == 11 and count == 11)
