-- Table constructors with calls and keys among more than fifty items.

local function f() return "F", "G" end

do -- a call as the value of the last key is no item
  local t = { "a", x = f() }
  print(#t, t[1], t[2], t.x) --> 1	a	nil	F
  t = { x = f(), ["y"] = f() }
  print(#t, t.x, t.y) --> 0	F	F
  local function g(...) return { 1, x = ... } end
  print(#g(2, 3), g(2, 3).x) --> 1	2
  t = { f(), f() }
  print(#t) --> 3
  t = { f(), (f()) }
  print(#t) --> 2
end

do -- fifty items, then a key
  local t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, x = f() }
  print(t[1], t[50], #t, t.x) --> 1	50	50	F
end

do -- fifty items, then a call
  local t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, f() }
  print(t[1], t[50], t[51], t[52]) --> 1	50	F	G
end

do -- keys between the fiftieth item and the next
  local t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
    x = f(), y = { f(), z = f() }, [f()] = 1, "fifty-one", f() }
  print(t[1], t[2], t[50], t[51], t[52], t[53], t.x, t.F, #t.y) --> 1	2	50	fifty-one	F	G	F	1	1
end
