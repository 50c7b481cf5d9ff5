-- pairs, next, ipairs, rawget, rawset and the table library on plain tables.

local t = {10, 20, 30, x = 1}
assert(#t == 3 and rawget(t, 2) == 20 and rawget(t, "x") == 1 and rawget(t, "y") == nil)
assert(rawset(t, "y", 2) == t and t.y == 2)
rawset(t)                  --> bad argument #2 to 'rawset' (value expected)
rawset(t, nil, 1)          --> table index is nil
rawset(t, 0/0, 1)          --> table index is NaN
rawget(nil, 1)             --> bad argument #1 to 'rawget' (table expected, got nil)
rawget(t)                  --> bad argument #2 to 'rawget' (value expected)
assert(rawequal(t, t) and not rawequal(t, {}) and rawequal("a", "a"))

-- pairs walks the items and then the keys, each once; entries may be changed and removed meanwhile.
local keys = {}
for k, v in pairs{1, 2, a = 3, b = 4} do keys[#keys + 1] = tostring(k) .. "=" .. v end
assert(table.concat(keys, " ") == "1=1 2=2 a=3 b=4", table.concat(keys, " "))
local r = {a = 1, b = 2, c = 3, 4, 5}
for k in pairs(r) do r[k] = nil end
assert(next(r) == nil)
for _, size in ipairs{1, 3, 40} do
  local cut, met = {x = "a", y = "b"}, {}
  for i = 1, size do cut[i] = i end
  for k in pairs(cut) do
    met[k] = true
    if k == size then for _ = 1, size do table.remove(cut) end end
  end
  assert(met.x and met.y and #met == size)
  assert(next(cut, size) == next(cut))
end
local half = {1, 2, 3, 4, x = "a"}
for k in pairs(half) do
  if k == 4 then table.remove(half) table.remove(half) end
  if k == "x" then half.x = "met" end
end
assert(half.x == "met" and #half == 2)
local step, state, first = pairs(t)
assert(step == next and state == t and first == nil)
pairs(nil)                 --> bad argument #1 to 'pairs' (table expected, got nil)
for k in pairs("x") do end --> bad argument #1 to 'pairs' (table expected, got string)
for k in nil do end        --> attempt to call a nil value

-- ipairs stops at the first nil and does not look into metatables.
local seen = {}
for i, v in ipairs{1, 2, nil, 4} do seen[i] = v end
assert(#seen == 2)
for _ in ipairs(setmetatable({}, {__index = function() return 1 end})) do error("walked") end
ipairs()                   --> bad argument #1 to 'ipairs' (table expected, got no value)

assert(next({}) == nil and next({5}) == 1)
local k, v = next({a = 1})
assert(k == "a" and v == 1 and next({a = 1}, "a") == nil)
next(5)                    --> bad argument #1 to 'next' (table expected, got number)

-- insert
local list = {}
table.insert(list, "b")
table.insert(list, 1, "a")
table.insert(list, 3, "d")
table.insert(list, 3, "c")
assert(table.concat(list) == "abcd")
table.insert(list)                 --> wrong number of arguments to 'insert'
table.insert(list, 1, 2, 3)        --> wrong number of arguments to 'insert'
table.insert(list, "x", 1)         --> bad argument #2 to 'insert' (number expected, got string)
table.insert(nil, 1)               --> bad argument #1 to 'insert' (table expected, got nil)

-- remove
assert(table.remove(list) == "d" and table.remove(list, 1) == "a" and table.concat(list) == "bc")
assert(table.remove(list, 3) == nil and table.remove(list, 0) == nil and table.remove(list, -1) == nil and #list == 2)
assert(select("#", table.remove({})) == 0)
assert(table.remove({5}) == 5)

-- concat
assert(table.concat({}) == "" and table.concat({1, 2.5, "x"}, ", ") == "1, 2.5, x")
assert(table.concat({1, 2, 3, 4}, "-", 2, 3) == "2-3" and table.concat({1, 2}, "-", 2) == "2" and table.concat({1}, "", 2) == "")
local s = table.concat({1, {}, 3})      --> invalid value (table) at index 2 in table for 'concat'
local s = table.concat({1, 2}, "", 1, 3) --> invalid value (nil) at index 3 in table for 'concat'
local s = table.concat({1}, {})         --> bad argument #2 to 'concat' (string expected, got table)
local long = {}
for i = 1, 40000 do long[i] = i % 10 end
assert(#table.concat(long, ",") == 79999)

-- sort
local nums = {3, 1, 2, 10, -1}
table.sort(nums)
assert(table.concat(nums, " ") == "-1 1 2 3 10")
table.sort(nums, function(a, b) return a > b end)
assert(table.concat(nums, " ") == "10 3 2 1 -1")
local words = {"b", "a", "C"}
table.sort(words)
assert(table.concat(words) == "Cab")
table.sort({1, "a"})                    --> attempt to compare
table.sort({"a", 1})                    --> attempt to compare
local bytes = {"b", "ab", "a\0b", "\255", "", "a", "a text that is longer than the others, z", "a text that is longer than the others, y"}
table.sort(bytes)
assert(table.concat(bytes, "|") == "|a|a\0b|a text that is longer than the others, y|a text that is longer than the others, z|ab|b|\255")
table.sort({{}, {}})                    --> attempt to compare two table values
table.sort({1, 2}, 5)                   --> bad argument #2 to 'sort' (function expected, got number)
table.sort({2, 1}, function() error("no order") end)          --> no order
table.sort({3, 2, 1}, function() return true end)             -- no order at all: any result, no harm
table.sort({5, 4, 3, 2, 1}, function(a, b) return nil end)
local failing = {3, 2, 1}
pcall(table.sort, failing, function(a, b) if b == 1 or a == 1 then error("stop") end return a < b end)
assert(table.concat(failing) == "321", "a sort that failed changed nothing")
local shrinking = {5, 3, 4, 1, 2}
table.sort(shrinking, function(a, b) table.remove(shrinking) return a < b end)
assert(table.concat(shrinking) == "12345")
local by = setmetatable({}, {__lt = function() return true end})
local ordered = {setmetatable({n = 2}, getmetatable(by)), setmetatable({n = 1}, getmetatable(by))}
table.sort(ordered)

-- A nil that an assignment left at the end is no item.
local stack = {3, 1, 2}
stack[#stack] = nil
assert(#stack == 2)
table.sort(stack)
assert(table.concat(stack) == "13")
stack[#stack] = nil
assert(table.remove(stack) == 1 and #stack == 0 and table.remove(stack) == nil)
stack[#stack + 1] = "x"
table.insert(stack, "y")
table.insert(stack, 1, "w")
assert(table.concat(stack) == "wxy")

-- Where the end of a list is looked for, within a loop over it as well.
local emptied, names = {1, 2, 3, 4, x = "a", y = "b"}, {}
for k in pairs(emptied) do
  emptied[k] = nil
  names[#names + 1] = tostring(k) .. "/" .. #emptied
end
assert(table.concat(names, " "):gsub("[xy]/0", "n") == "1/4 2/4 3/4 4/0 n n", table.concat(names, " "))
local popped, sum = {}, 0
for i = 1, 50000 do popped[i] = i end
while #popped > 0 do
  sum = sum + popped[#popped]
  popped[#popped] = nil
end
assert(sum == 50000 * 50001 / 2 and next(popped) == nil)
popped[1], popped[3] = 1, 3
assert(#popped == 3 and popped[2] == nil)
local recent = {}
for i = 1, 100 do
  table.insert(recent, 1, i)
  recent[11] = nil
end
assert(#recent == 10 and recent[1] == 100 and recent[10] == 91)
assert(#{nil, nil} == 0 and #{(function() end)()} == 0)

-- the rest
assert(select("#", unpack{}) == 0 and select("#", unpack{1, nil, 3}) == 3)
local a, b, c = unpack({1, 2, 3}, 2)
assert(a == 2 and b == 3 and c == nil)
assert(select(2, "a", "b", "c") == "b" and select(-1, "a", "b") == "b" and select("#") == 0)
select(0)                               --> bad argument #1 to 'select' (index out of range)
assert(table.maxn{1, 2, 3} == 3 and table.getn{1, 2} == 2)
assert(table.maxn{} == 0 and table.maxn{["7"] = 1, [-3] = 1} == 0)
assert(table.maxn{1, [1e7] = 2, x = 3} == 1e7 and table.maxn{[2.5] = true, 1} == 2.5 and table.maxn(options.tags) == 2)
local shrunk = {1, 2, 3}
shrunk[3] = nil
assert(table.maxn(shrunk) == 2 and table.maxn(setmetatable({1, 2}, {})) == 2)
local holes = {[1e7] = 1}
holes[1e7] = nil
assert(table.maxn(holes) == 0)
table.maxn(5)                           --> bad argument #1 to 'maxn' (table expected, got number)
local many = {unpack(long, 1, 4000)}
assert(#many == 4000)
unpack({}, 1, 1e8)                      --> too many results to unpack
unpack(nil)                             --> bad argument #1 to 'unpack' (table expected, got nil)
