-- lists.lua: what other languages have for lists. No function changes the list that it is given.
local lists = {}

---Applies a function to each item.
---@generic T, U
---@param list T[]
---@param f fun(item: T, i: integer): U
---@return U[]
function lists.map(list, f)
  local mapped = {}
  for i, item in ipairs(list) do
    mapped[i] = f(item, i)
  end
  return mapped
end

---Keeps the items of which a function is true.
function lists.filter(list, keep)
  local kept = {}
  for _, item in ipairs(list) do
    if keep(item) then
      kept[#kept + 1] = item
    end
  end
  return kept
end

---Combines all items, from the first to the last.
function lists.reduce(list, combine, first)
  local sum = first
  for _, item in ipairs(list) do
    sum = combine(sum, item)
  end
  return sum
end

---Finds the first item of which a function is true.
---@return any item nil for none
---@return integer? index
function lists.find(list, matches)
  for i, item in ipairs(list) do
    if matches(item) then
      return item, i
    end
  end
end

function lists.contains(list, wanted)
  return lists.find(list, function(item) return item == wanted end) ~= nil
end

function lists.any(list, holds)
  for _, item in ipairs(list) do
    if holds(item) then return true end
  end
  return false
end

function lists.all(list, holds)
  return not lists.any(list, function(item) return not holds(item) end)
end

---A part of a list, with both ends in it. Negative numbers count from the end.
function lists.slice(list, from, to)
  local n = #list
  from, to = from or 1, to or n
  if from < 0 then from = n + from + 1 end
  if to < 0 then to = n + to + 1 end
  local part = {}
  for i = math.max(from, 1), math.min(to, n) do
    part[#part + 1] = list[i]
  end
  return part
end

function lists.reversed(list)
  local n, reversed = #list, {}
  for i = n, 1, -1 do
    reversed[n - i + 1] = list[i]
  end
  return reversed
end

function lists.sorted(list, less)
  local copy = lists.slice(list)
  table.sort(copy, less)
  return copy
end

---The lists of items that have something in common, by that.
function lists.group(list, by)
  local groups, order = {}, {}
  for _, item in ipairs(list) do
    local key = by(item)
    if not groups[key] then
      groups[key] = {}
      order[#order + 1] = key
    end
    table.insert(groups[key], item)
  end
  return groups, order
end

function lists.unique(list)
  local seen, once = {}, {}
  for _, item in ipairs(list) do
    if not seen[item] then
      seen[item] = true
      table.insert(once, item)
    end
  end
  return once
end

---Pairs of two lists, as long as the shorter one.
function lists.zip(a, b)
  local zipped = {}
  for i = 1, math.min(#a, #b) do
    zipped[i] = { a[i], b[i] }
  end
  return zipped
end

---Lists of a length at most, one after another.
function lists.chunks(list, size)
  local at = 1
  return function()
    if at > #list then return nil end
    local chunk = lists.slice(list, at, at + size - 1)
    at = at + size
    return chunk
  end
end

function lists.flat(list, into)
  into = into or {}
  for _, item in ipairs(list) do
    if type(item) == "table" then
      lists.flat(item, into)
    else
      into[#into + 1] = item
    end
  end
  return into
end

return lists
