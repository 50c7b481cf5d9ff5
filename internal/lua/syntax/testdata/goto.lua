-- goto, which Lua 5.1 does not have; the rules are those of Lua 5.2.

do -- closures keep sharing the variables that stay in scope
  local x = 1
  local function get() return x end
  for i = 1, 3 do
    if i == 2 then goto continue end
    x = x + 1
    ::continue::
  end
  print(get(), x) --> 3	3
end

do -- and each round has variables of its own
  local fs, i = {}, 1
  ::again::
  do
    local v = i * 10
    fs[i] = function() v = v + 1 return v end
    i = i + 1
    if i <= 3 then goto again end
  end
  local a, b, c, d = 1, 2, 3, 4
  print(fs[1](), fs[1](), fs[2](), fs[3]()) --> 11	12	21	31
end

do -- a variable declared behind the label
  local fs, n = {}, 0
  ::top::
  local v = n
  fs[#fs + 1] = function() return v end
  n = n + 1
  if n < 3 then goto top end
  print(fs[1](), fs[2](), fs[3]()) --> 0	1	2
end

do -- out of nested loops, over a label of the same name in another block
  local seen = {}
  for i = 1, 3 do
    for j = 1, 3 do
      local k = function() return i * 10 + j end
      seen[#seen + 1] = k
      if j == 2 then goto next_i end
      if i == 3 then goto out end
    end
    do goto same ::same:: end
    ::next_i::
  end
  ::out::
  local p, q, r, s = 1, 2, 3, 4
  local text = {}
  for n, k in ipairs(seen) do text[n] = k() end
  print(table.concat(text, " ")) --> 11 12 21 22 31
end

do -- back to a label before a jump
  local n = 0
  ::back::
  while true do break end
  n = n + 1
  if n < 3 then goto back end
  ::again::
  do goto on end
  ::on::
  n = n + 1
  if n < 6 then goto again end
  print(n) --> 6
end

do -- to the end of a repeat
  local n, t = 0, {}
  repeat
    n = n + 1
    if n == 2 then goto continue end
    t[#t + 1] = n
    ::continue::
  until n >= 3
  print(table.concat(t, " ")) --> 1 3
end
