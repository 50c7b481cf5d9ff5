local function f(a, b, c)
  if a and
    b or
    not c
  then
    return 1
  elseif
    a == b
  then
    return 2
  elseif not (a and b) then return 3 else
    return 4
  end
end
f(1, 2, 3) f(nil, 1, 1)
local function g(a, b)
  local x = not (a and
    b)
    and 1
    or
    2
  local y = (a or b) and
    (a == 1 or
      b == 2)
  local z = a
    and b
    or nil
    or { 1,
      2 }
  return
    x,
    y,
    z
end
g() g(1) g(1, 2) g(nil, 2)
local function twice(a, b)
  return a
    and not (not
      b)
    and not (a ==
      b)
    or not not
      b
    or b
end
twice(1, 2)
local n = 0
while n <
  3
do
  n =
    n
    + 1
  if n == 2 then break end
end
repeat
  local k = n
  local function keep()
    return k
  end
  n = n + 1
until
  keep() > 4
repeat n = n - 1 until n < 0
  or n == nil
for i = 1,
  3,
  1
do
  if i == 2 then
    n = i
  end
end
for k, v in
  pairs({
    a = 1,
    b = 2,
  })
do
  n = n +
    v
end
for _ in pairs({}) do
  n = 1
end
for i = 1, 0 do
  n = 2
end
while true do
  n = n + 1
  if n > 10 then
    break
  end
end
if nil then
  n = 1
end
if false then n = 2 else
  n = 3
end
local function h(...)
  local a, b =
    ...
  local c
  local d
  local e = 1
  return a, (...)
end
h(
  1,
  2
)
local ok = pcall(function()
  local t = {
    a = 1,
    [n] = 2,
    nil,
    {},
    n.x.y,
    3,
  }
end)
pcall(function()
  local s = "a" ..
    n ..
    nil ..
    "b"
end)
pcall(function()
  for i = 1, "x" do
    n = 1
  end
end)
pcall(function()
  for k in nil do
    n = 1
  end
end)
pcall(function()
  if n < {} then
    n = 1
  end
  n = 2
end)
local obj = { v = 1 }
function obj.method(
  self,
  ...
)
  return self
end
function obj
  :other(a)
  self.v,
  self.w = 1,
    2
  return self
end
obj
  :other(1)
  :method(
    2
  )
  .v = 3
local a, b, c = 1
a, b = b, a
a, obj.x, c = (function()
  return 1,
    2,
    3
end)()
