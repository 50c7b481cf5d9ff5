-- `and` and `or` that are assigned to a local variable, and constants in them.

local function f(v) return v end

do -- the left side is false: its value must replace the old one
  local allowed = true
  allowed = f(false) and f(1)
  print(allowed) --> false
  allowed = f(nil) and true
  print(allowed) --> nil
  allowed = 1
  allowed = f(true) and (f(false) and 3)
  print(allowed) --> false
end

do -- the old value is there until the last operand has been evaluated
  local x = 10
  x = (f(1) or 5) and x
  print(x) --> 10
  local ok = pcall(function() x = (f(1) or 5) and error("stopped") end)
  print(ok, x) --> false	10
  local function inner()
    local y = 1
    pcall(function() y = (f(2) or f(3)) and error("stopped") end)
    return y
  end
  print(inner()) --> 1
end

do -- what needs no copy
  local x, a, b = 10, nil, 4
  x = a or b
  print(x) --> 4
  x = a and b or 7
  print(x) --> 7
  x = x or 1
  print(x) --> 7
  x = b and x
  print(x) --> 7
  x = a and x
  print(x) --> nil
  x = b > 3 and b < 9
  print(x) --> true
  x = not a and (b == 4 or f(1))
  print(x) --> true
end

do -- constants decide
  print(nil and f(1), false or f(2), 1 and f(3), "s" or f(4)) --> nil	2	3	s
  print((1 and f(5, 6)), not nil, not 0) --> 5	true	false
  local function many() return 1, 2 end
  print(true and many()) --> 1
  print(#{ nil or many() }) --> 1
end

do -- a loop body that begins with them
  local out = {}
  for i, v in ipairs({ 1, 2 }) do local a = ((0 and false) and 7), 1 out[#out + 1] = tostring(a) .. v end
  for i, v in ipairs({ 1, 2 }) do local a = (true or 1) out[#out + 1] = tostring(a) .. v end
  print(table.concat(out, ",")) --> false1,false2,true1,true2
end
