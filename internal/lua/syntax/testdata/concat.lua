-- Concatenation becomes a call.

local a, b, n = "a", "b", 7
print(a .. b, a .. n .. "x", n .. n, "x" .. 1 .. 2) --> ab	a7x	77	x12
print(1 .. 2 == "12", 1.5 .. "x", -0 .. "" ~= nil) --> true	1.5x	true

local function two() return "p", "q" end
print(a .. two(), two() .. a, (a .. two() .. b)) --> ap	pa	apb
print(#{ a .. two() }, select("#", a .. two())) --> 1	1

local function tail(x) return x .. x end
print(tail("t"), (tail("t"))) --> tt	tt

do -- metamethods, from the right
  local log = {}
  local meta = {}
  meta.__concat = function(l, r)
    log[#log + 1] = type(l) .. " " .. type(r)
    return setmetatable({ text = (type(l) == "table" and l.text or l) .. (type(r) == "table" and r.text or r) }, meta)
  end
  local o = setmetatable({ text = "o" }, meta)
  print(("x" .. o .. "y" .. "z").text) --> xoyz
  print(table.concat(log, ", ")) --> table string, string table
  print((o .. 1).text, (1 .. o).text, (o .. o).text) --> o1	1o	oo
end

do -- into a local variable that the operands use
  local s = "s"
  s = s .. s
  s = s .. "-" .. s
  print(s) --> ss-ss
  local t = { s = s }
  t.s, s = t.s .. "!", #s .. ""
  print(t.s, s) --> ss-ss!	5
end

print(pcall(function() return "x" .. nil end)) --> false	concat.lua:37: attempt to concatenate a nil value
print(pcall(function() return {} .. "x" end)) --> false	concat.lua:38: attempt to concatenate a table value
