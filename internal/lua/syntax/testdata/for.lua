-- What a for over an iterator takes its three values from.

local function count(t)
  local n = 0
  for k, v in next, t do n = n + 1 end
  for k, v in next, t do n = n + 1 end
  return n
end
print(count({ 1, 2 })) --> 4

local function gen() return function(t) return pairs(t) end end
for k, v in gen()({ 5 }) do print(k, v) end --> 1	5

local function object() return { it = function(self) return pairs({ 6 }) end } end
for k, v in object():it() do print(k, v) end --> 1	6
for k, v in object()["it"](object()) do print(k, v) end --> 1	6

local function first(...) for k in (...)({ 7 }) do return k end end
print(first(pairs)) --> 1

local function table1() return { 8 } end
for k in next, table1() do print(k) end --> 1
for k in next, table1(), nil do print(k) end --> 1

local function control() return 1 end
for k in next, { 1, 2 }, control() do print(k) end --> 2
for k in next, { 1, 2 }, (control()) do print(k) end --> 2
for k in next, { 1, 2 }, nil or control() do print(k) end --> 2

local function state() return { 9 }, nil end
for k, v in next, state() do print(k, v) end --> 1	9

local yes = true
for k, v in (yes and pairs or ipairs)({ 3 }) do print(k, v) end --> 1	3
for k, v in ({ ipairs })[1]({ 4 }) do print(k, v) end --> 1	4
