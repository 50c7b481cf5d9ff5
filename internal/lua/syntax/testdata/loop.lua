-- Loops: what they begin with, and leaving them.

do -- a body that begins with a branch never taken
  local n = 0
  while n < 2 do if false then local x end n = n + 1 end
  for i = 1, 2 do if nil then n = 0 end n = n + 1 end
  for _ in pairs({ 1, 2 }) do if false then else n = n + 1 end end
  repeat if 1 then n = n + 1 end until n > 7
  print(n) --> 8
end

do -- a body that is left at once
  while true do break end
  repeat break until false
  for _ in pairs({ 1 }) do break end
  while true do while true do break end break end
  repeat until true
  while false do print("never") end
  while nil and 1 do print("never") end
  print("through") --> through
end

do -- conditions that begin with a constant
  local n = 0
  while true and n < 2 do n = n + 1 end
  while nil or n < 4 do n = n + 1 end
  repeat n = n + 1 until false or n > 5
  print(n) --> 6
end

do -- closures keep the variables of a block that a break leaves
  local kept
  for i = 1, 1 do
    do
      local y = 5
      kept = function() return y end
      if true then break end
    end
  end
  local a, b, c, d, e, g, h = 1, 2, 3, 4, 5, 6, 7
  print(kept()) --> 5
  for i = 1, 2 do
    local t = {}
    while true do
      local outer = i
      do
        local z = i * 10
        t.get = function() return z, outer end
        break
      end
    end
    local x, y = "x", "y"
    print(t.get()) --> 10	1
    --> 20	2
  end
  local n = 0
  repeat
    n = n + 1
    local late
    do local v = n if n == 2 then break end late = function() return v end kept = late end
  until false
  local p, q, r = 1, 2, 3
  print(kept(), n) --> 1	2
end

do -- each round has variables of its own
  local fs = {}
  for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
  print(fs[1](), fs[1](), fs[2](), fs[3]()) --> 11	21	12	13
  local n, gs = 0, {}
  repeat n = n + 1 local m = n gs[n] = function() m = m + 1 return m end until m >= 2
  print(gs[1](), gs[1](), gs[2]()) --> 2	3	3
end
