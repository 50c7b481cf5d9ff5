-- sets.lua: sets of values, with operators.
local Set = {}
local methods = {}
local mt = { __index = methods }

function Set.of(...)
  local s = setmetatable({ items = {} }, mt)
  for i = 1, select("#", ...) do
    s.items[(select(i, ...))] = true
  end
  return s
end

function Set.from(list)
  return Set.of(unpack(list))
end

function methods:has(value) return self.items[value] == true end

function methods:add(value)
  self.items[value] = true
  return self
end

function methods:remove(value)
  self.items[value] = nil
  return self
end

function methods:size()
  local n = 0
  for _ in pairs(self.items) do n = n + 1 end
  return n
end

function methods:list()
  local all = {}
  for value in pairs(self.items) do all[#all + 1] = value end
  table.sort(all, function(a, b) return tostring(a) < tostring(b) end)
  return all
end

mt.__add = function(a, b)
  local union = Set.from(a:list())
  for value in pairs(b.items) do union:add(value) end
  return union
end

mt.__mul = function(a, b)
  local common = Set.of()
  for value in pairs(a.items) do
    if b:has(value) then common:add(value) end
  end
  return common
end

mt.__sub = function(a, b)
  local rest = Set.of()
  for value in pairs(a.items) do
    if not b:has(value) then rest:add(value) end
  end
  return rest
end

mt.__eq = function(a, b) return (a - b):size() == 0 and (b - a):size() == 0 end
mt.__le = function(a, b) return (a - b):size() == 0 end
mt.__lt = function(a, b) return a <= b and a ~= b end

mt.__tostring = function(s)
  local texts = {}
  for i, value in ipairs(s:list()) do texts[i] = tostring(value) end
  return "{" .. table.concat(texts, ", ") .. "}"
end

return Set
