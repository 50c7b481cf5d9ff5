-- Coroutines: what goes in and out, their states, and their errors.

-- Values go both ways, and no value is not one nil.
local co = coroutine.create(function(...)
  assert(select("#", ...) == 3)
  local n = select("#", coroutine.yield())
  n = n * 10 + select("#", coroutine.yield(nil))
  n = n * 10 + select("#", coroutine.yield(nil, nil))
  return n, nil
end)
assert(select("#", coroutine.resume(co, 1, nil, nil)) == 1)
assert(select("#", coroutine.resume(co)) == 2)
assert(select("#", coroutine.resume(co, nil)) == 3)
local ok, n, last = coroutine.resume(co, nil, 2)
assert(ok and n == 12 and last == nil)
assert(select("#", coroutine.resume(coroutine.create(function() end))) == 1)
assert(select("#", coroutine.resume(coroutine.create(function() return nil end))) == 2)

-- The code that yielded gets as many values as it takes, nil for what is missing.
local co = coroutine.wrap(function()
  local a, b, c = coroutine.yield()
  assert(a == 7 and b == nil and c == nil and type(c) == "nil")
  local d = coroutine.yield(a)
  assert(d == 1)
  local e, f = coroutine.yield(d), 5
  assert(e == nil and f == 5)
  coroutine.yield()
  local t = {coroutine.yield()}
  assert(#t == 3)
  local u = {coroutine.yield(), "x"}
  assert(u[1] == "first" and u[2] == "x" and #u == 2)
  return "end", coroutine.yield("almost")
end)
co()
assert(co(7) == 7)
assert(co(1, 2, 3) == 1)
assert(co() == nil)
co("dropped", "dropped")
co(1, 2, 3)
assert(co("first", "second") == "almost")
local a, b, c = co("x", "y")
assert(a == "end" and b == "x" and c == "y")

-- yield as the last thing, as an argument, and in an expression.
local co = coroutine.wrap(function(...) return coroutine.yield(...) end)
assert(select("#", co(1, 2)) == 2)
assert(select("#", co(3, 4, 5)) == 3)
local co = coroutine.wrap(function() return (coroutine.yield()) end)
co()
assert(select("#", co(1, 2)) == 1)
local co = coroutine.wrap(function(a) return tostring(coroutine.yield(a)) .. "!" end)
assert(co(1) == 1 and co(2) == "2!")
local co = coroutine.wrap(function(a) local function f(x) return coroutine.yield(x) + 1 end return f(a) * 2 end)
assert(co(1) == 1 and co(4) == 10)
local co = coroutine.wrap(function(n) for i = 1, n do coroutine.yield(i) end end)
assert(co(3) == 1 and co() == 2 and co() == 3 and co() == nil)

-- status
local co, inner
co = coroutine.create(function()
  assert(coroutine.status(co) == "running")
  inner = coroutine.create(function()
    assert(coroutine.status(co) == "normal" and coroutine.status(inner) == "running")
    coroutine.yield()
  end)
  assert(coroutine.status(inner) == "suspended")
  coroutine.resume(inner)
  assert(coroutine.status(inner) == "suspended")
  pcall(function() assert(coroutine.status(co) == "running") end)
  coroutine.yield()
end)
assert(coroutine.status(co) == "suspended")
coroutine.resume(co)
assert(coroutine.status(co) == "suspended")
coroutine.resume(co)
assert(coroutine.status(co) == "dead")
local broken = coroutine.create(function() error("x") end)
coroutine.resume(broken)
assert(coroutine.status(broken) == "dead")
coroutine.status(5)                     --> bad argument #1 to 'status' (coroutine expected)

-- running
assert(coroutine.running() == nil)
local co
co = coroutine.create(function() return coroutine.running() end)
assert(select(2, coroutine.resume(co)) == co)
assert(coroutine.wrap(function() return select(2, pcall(coroutine.running)) end)() ~= nil)
assert(coroutine.running() == nil)
assert(type(co) == "thread" and tostring(co):find("^thread: "))

-- Resuming what cannot be resumed.
local function refused(...) local ok, e = coroutine.resume(...) return not ok and e end
local done = coroutine.create(function() end)
coroutine.resume(done)
assert(refused(done) == "cannot resume dead coroutine")
assert(refused(broken) == "cannot resume dead coroutine")
local me
me = coroutine.create(function() return refused(me) end)
assert(select(2, coroutine.resume(me)) == "cannot resume running coroutine")
coroutine.resume(5)                     --> bad argument #1 to 'resume' (coroutine expected)
coroutine.create(5)                     --> bad argument #1 to 'create' (Lua function expected)
coroutine.create(print)                 --> bad argument #1 to 'create' (Lua function expected)
coroutine.wrap(print)                   --> bad argument #1 to 'wrap' (Lua function expected)

-- Two that resume each other.
local one, two
one = coroutine.create(function() return coroutine.resume(two) end)
two = coroutine.create(function() return coroutine.resume(one) end)
local ok, ok2, ok3, e = coroutine.resume(one)
assert(ok and ok2 and ok3 == false and e == "cannot resume normal coroutine")
local three = {}
for i = 1, 3 do three[i] = coroutine.create(function() return coroutine.resume(three[i % 3 + 1]) end) end
assert(select("#", coroutine.resume(three[1])) == 5)

-- Two that hand over to each other through a third, many times.
local log_of = {}
local function player(name) return coroutine.wrap(function() while true do log_of[#log_of + 1] = name coroutine.yield() end end) end
local ping, pong = player("ping"), player("pong")
for i = 1, 50 do ping() pong() end
assert(#log_of == 100 and log_of[99] == "ping" and log_of[100] == "pong")

-- Errors come out of resume as values, and out of wrap as errors.
local ok, e = coroutine.resume(coroutine.create(function() error("inside") end))
assert(not ok and e == "coroutines.lua:123: inside", e)
local ok, e = coroutine.resume(coroutine.create(function() error({code = 5}) end))
assert(not ok and e.code == 5)
local ok, e = coroutine.resume(coroutine.create(function() error() end))
assert(not ok and e == nil)
local ok, e = coroutine.resume(coroutine.create(function() error("no caller", 2) end))
assert(not ok and e == "no caller", e)
local w = coroutine.wrap(function() coroutine.yield(1) error("wrapped") end)
w()
w()                                     --> coroutines.lua:131: wrapped
w()                                     --> cannot resume dead coroutine
local w = coroutine.wrap(function() error({code = 6}) end)
local ok, e = pcall(w)
assert(not ok and e.code == 6)
local ok, e = coroutine.resume(coroutine.create(function() return 1 + nil end))
assert(e == "coroutines.lua:138: attempt to perform arithmetic on a nil value", e)
local function deep() return 1 + deep() end
local ok, e = coroutine.resume(coroutine.create(deep))
assert(not ok and e:find("stack overflow"))
local function grow(...) return grow(1, ...) end
local ok, e = coroutine.resume(coroutine.create(grow), unpack({}, 1, 1800))
assert(not ok and e == "stack overflow", e)

-- An error may be caught inside, and the coroutine goes on.
local co = coroutine.wrap(function()
  local ok, e = pcall(error, "caught")
  coroutine.yield(e)
  return "went on"
end)
assert(co() == "caught" and co() == "went on")

-- As iterators.
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
local sum = 0
for i, sq in range(5) do sum = sum + sq end
assert(sum == 55)
local function walk(t, f) for _, v in ipairs(t) do if type(v) == "table" then walk(v, f) else f(v) end end end
local flat = {}
for v in coroutine.wrap(function() walk({1, {2, {3, 4}}, 5}, coroutine.yield) end) do flat[#flat + 1] = v end
assert(table.concat(flat) == "12345")

-- Nested, each with its own values.
local function nest(n)
  if n == 0 then return "bottom" end
  return n, coroutine.wrap(function() return nest(n - 1) end)()
end
assert(select("#", nest(40)) == 41)
local depth = 0
local function dig() depth = depth + 1 return coroutine.wrap(dig)() end
dig()                                   --> coroutines.lua:172: stack overflow: 100 nested coroutines and protected calls
assert(depth == 99 or depth == 98, depth)

-- A coroutine may be kept and goes on in a later call.
counter = coroutine.wrap(function() local n = 0 while true do n = n + 1 coroutine.yield(n) end end)
function test_a_goes_on() assert(counter() == 1 and counter() == 2) end
function test_b_goes_on() assert(counter() == 3) end

-- Values that do not fit from one stack onto the other.
function test_too_many_values()
  local co = coroutine.create(function() coroutine.yield(unpack({}, 1, 5600)) end)
  local ok, e = pcall(function(...) return coroutine.resume(co) end, unpack({}, 1, 6000))
  assert(not ok and e:find("registry overflow"), e)
  assert(coroutine.status(co) == "dead")
  assert(refused(co) == "cannot resume dead coroutine")
end

-- Arguments that do not fit onto a coroutine's stack. The coroutine goes on waiting, and no variable is lost.
local function full(resume, co)
  local get
  local ok, e = pcall(function()
    local secret = "value"
    get = function() return secret end
    resume(co)
  end)
  assert(not ok and e:find("coroutines.lua:%d+: registry overflow$"), e)
  assert(get() == "value")
  assert(coroutine.status(co) == "suspended")
end
local function many(co) coroutine.resume(co, unpack({}, 1, 5900)) end
function test_too_many_arguments()
  local function deep(n)
    if n == 0 then return select("#", coroutine.yield()) end
    local r = deep(n - 1)
    return r
  end
  local co = coroutine.create(deep)
  assert(coroutine.resume(co, 150))
  full(many, co)
  full(function(co) coroutine.wrap(many)(co) end, co)
  local _, n = coroutine.resume(co, 1, 2)
  assert(n == 2, n)
end
function test_too_many_first_arguments()
  local list, get = {}
  for n = 1, 6144 do
    list[n] = n
    if n >= 6130 then
      local co = coroutine.create(function() end)
      local ok, e = pcall(function()
        local secret = "value"
        get = function() return secret end
        return coroutine.resume(co, unpack(list))
      end)
      assert(ok or e:find("coroutines.lua:%d+: registry overflow$"), e)
      assert(get() == "value")
      assert(coroutine.status(co) == (ok and "dead" or "suspended"))
    end
  end
end
