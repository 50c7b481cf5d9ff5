-- Closures keep their variables, whatever ended the function that made them.

-- A closure that was stored before an error.
local get, set
pcall(function()
  local secret = "before"
  get = function() return secret end
  set = function(v) secret = v end
  error("stop")
end)
assert(get() == "before")
set("after")
assert(get() == "after", "both closures share the variable")

-- Many frames deep, with loops.
local fns = {}
local function build(n)
  local mine = n * 10
  fns[#fns + 1] = function() mine = mine + 1 return mine end
  for i = 1, 2 do fns[#fns + 1] = function() return n * 100 + i end end
  if n == 0 then error({"deep"}) end
  build(n - 1)
  return mine
end
pcall(build, 3)
local got = {}
for i, f in ipairs(fns) do got[i] = f() end
assert(table.concat(got, " ") == "31 301 302 21 201 202 11 101 102 1 1 2", table.concat(got, " "))

-- Locals of the next functions do not shine through.
local function noise(...)
  local a, b, c, d, e, f, g = "n", "o", "i", "s", "e", ...
  return function() return a, b, c, d, e, f, g end
end
for i = 1, 10 do pcall(noise, i, i) noise(i, i) end
assert(get() == "after" and fns[1]() == 32)

-- An error in a coroutine.
local co = coroutine.create(function()
  local kept = 7
  get = function() kept = kept + 1 return kept end
  local other = "x"
  error(other)
end)
assert(coroutine.resume(co) == false)
for i = 1, 5 do noise() end
assert(get() == 8 and get() == 9)

-- A coroutine that is never finished.
local co = coroutine.wrap(function()
  local kept = 1
  get = function() kept = kept + 1 return kept end
  coroutine.yield(kept)
end)
assert(co() == 1 and get() == 2)
co = nil
for i = 1, 5 do noise() end
assert(get() == 3)

-- An error while a loop has captured its variable, and while a metamethod runs.
local captured = {}
pcall(function()
  for i = 1, 5 do
    captured[i] = function() return i end
    if i == 3 then local x = setmetatable({}, {__index = function() error("stop") end}).x end
  end
end)
assert(#captured == 3 and captured[1]() == 1 and captured[2]() == 2 and captured[3]() == 3)

-- A stack overflow.
local first
local function dive(n)
  local mine = n
  if n == 1 then first = function() mine = mine + 1 return mine end end
  return 1 + dive(n + 1)
end
pcall(dive, 1)
for i = 1, 5 do noise() end
assert(first() == 2 and first() == 3)

-- An error of host code.
pcall(function()
  local kept = "host"
  get = function() return kept end
  depot:Fail()
end)
for i = 1, 5 do noise() end
assert(get() == "host")
