-- Assignments of several targets or values.

do
  local a, b = 1, 2
  a, b = b, a
  print(a, b) --> 2	1
  a, b = a + 1, a + b
  print(a, b) --> 3	3
  local i, t = 1, {}
  i, t[i] = i + 1, 20
  print(i, t[1], t[2]) --> 2	20	nil
  t, t.x = { x = 1 }, 2
  print(t.x) --> 1
end

do -- globals, fields and variables in one statement
  local b, t = 2, {}
  G, t.x = 1, b
  print(G, t.x) --> 1	2
  local a = 3
  t.x, a = a, 9
  print(t.x, a) --> 3	9
  G, a = a, G
  print(G, a) --> 9	1
  t.x, t.y = t.y, t.x
  print(t.x, t.y) --> nil	3
end

do -- the values of one call
  local function two() return 1, 2 end
  local a, b, c
  a, b, c = two()
  print(a, b, c) --> 1	2	nil
  local t = {}
  t.a, t.b = two()
  print(t.a, t.b) --> 1	2
  t.a, a = two()
  print(t.a, a) --> 1	2
  a, b = (two())
  print(a, b) --> 1	nil
  a = two(), 5
  print(a) --> 1
end

-- the last parameter takes the value of a call in brackets, or of the first of two calls
local function id(v) return v end
local function last(p, q)
  local l, m = "l", "m"
  q = (id(p))
  return p, q, l, m
end
print(last(5, 6)) --> 5	5	l	m
local function lastOfTwo(p)
  local l, m = "l", "m"
  p = id(7), id(8)
  return p, l, m
end
print(lastOfTwo(1)) --> 7	l	m

-- an argument of `...` in brackets leaves the variables above alone
local function rest(...)
  local a, b, c = 1, 2, 3
  a = (...)
  return a, b, c
end
print(rest(9)) --> 9	2	3

do -- all operands are evaluated, from left to right, before anything is assigned
  local log = {}
  local function note(v) log[#log + 1] = v return v end
  local t = { {}, {} }
  t[note(1)].x, t[note(2)].x = note("a"), note("b")
  print(table.concat(log, " ")) --> 1 2 a b
  local x = 1
  local function change() x = 2 return 0 end
  local u = {}
  u.v, u.w = x, change()
  print(u.v, x) --> 1	2
  u.v = x, change()
  print(u.v) --> 2
end

do -- what is no table is not taken for one
  local t = { {}, {}, {} }
  print((pcall(function() ("x").y = t end)), (pcall(function() (1).y = t end))) --> false	false
  print(next(t[1]), t.y) --> nil	nil
end
