-- prelude.lua: what a test's file sees as `test`, and each of its functions as `t`. It runs before the file, with the same
-- globals. The host object hookrun_test is the part of it that is written in Go: it answers with true and a value, or with
-- false and a message.

local host = hookrun_test
hookrun_test = nil

local error, getmetatable, ipairs, next, pairs = error, getmetatable, ipairs, next, pairs
local pcall, rawget, rawset = pcall, rawget, rawset
local select, setmetatable, tonumber, tostring, type, unpack = select, setmetatable, tonumber, tostring, type, unpack
local concat, find, floor, format, gsub, insert, min, sort, substring =
  table.concat, string.find, math.floor, string.format, string.gsub, table.insert, math.min, table.sort, string.sub
local null = null

local most_calls = 200 -- that are under way at once
local test_place = "" -- of the test that runs

---Where the function at a level is, as error writes it: 1 is the one that calls. A function that is called by a return
---statement has no caller: then it is the next place further out that is not in this file, or else that of the test.
---@param level integer
local function place(level)
  for outer = level + 2, most_calls do
    local _, text = pcall(error, "", outer)
    if text ~= "" and not find(text, "^prelude%.lua:") then
      return text
    end
  end
  return test_place
end

---Asks the host, and raises its complaint at a level of the caller.
local function ask(level, operation, ...)
  local called, ok, answer = pcall(host[operation], ...)
  if not called then -- what was given is no data
    ok, answer = false, gsub(tostring(ok), "^hookrun_test%.", "")
  end
  if not ok then
    error(place(level + 1) .. answer, 0)
  end
  return answer
end

-- The only test that this VM is for; nil where it is to list them all.
local only = ask(1, "only")

-- Values as people read them -----------------------------------------------------------------------------------------

local rank = { number = 1, string = 2, boolean = 3 }

---The keys of a table, in an order that does not change.
local function keys(of, more)
  local all, seen = {}, {}
  for _, t in ipairs({ of, more }) do
    for k in next, t do
      if not seen[k] then
        seen[k] = true
        insert(all, k)
      end
    end
  end
  sort(all, function(a, b)
    local x, y = rank[type(a)] or 4, rank[type(b)] or 4
    if x ~= y or x > 2 then
      return x < y or x == y and tostring(a) < tostring(b)
    end
    return a < b
  end)
  return all
end

local function is_list(t)
  return rawget(t, 1) ~= nil
end

local function is_empty(v)
  return type(v) == "table" and next(v) == nil
end

local function key_text(k)
  if type(k) == "string" and find(k, "^[%a_][%w_]*$") then
    return k
  end
  return "[" .. (type(k) == "string" and format("%q", k) or tostring(k)) .. "]"
end

local max_shown = 4000 -- bytes of a value

---The last byte of a text, at or before a given one, that begins a letter.
local function letter(text, at)
  while at > 1 and find(substring(text, at, at), "^[\128-\191]") do
    at = at - 1
  end
  return at
end

local function quoted(text)
  return (gsub(format("%q", text), "\\\n", "\\n"))
end

local function show(v, depth)
  depth = depth or 0
  if type(v) == "string" then
    return #v <= max_shown and quoted(v) or quoted(substring(v, 1, letter(v, max_shown) - 1)) .. "..."
  elseif type(v) == "number" and tonumber(tostring(v)) ~= v then
    return format("%.17g", v) -- which tells it from its neighbours
  elseif type(v) == "function" or type(v) == "thread" then
    return "a " .. type(v) -- not its address, which is another one each time
  elseif type(v) ~= "table" then
    return tostring(v)
  elseif depth > 20 then
    return "{...}"
  end
  local parts, size, n = {}, 0, 0
  for _, k in ipairs(keys(v)) do
    local text = show(rawget(v, k), depth + 1)
    n = n + 1
    if k ~= n then
      text = key_text(k) .. " = " .. text
    end
    insert(parts, text)
    size = size + #text
    if size > max_shown then
      insert(parts, "...")
      break
    end
  end
  if #parts == 0 then
    return "{}"
  end
  return "{ " .. concat(parts, ", ") .. " }"
end

-- Comparisons --------------------------------------------------------------------------------------------------------

local max_depth = 100

local function too_deep()
  error(format("%swant tables that are at most %d deep", place(1), max_depth), 0)
end

local function join(path, k)
  if type(k) == "string" and find(k, "^[%a_][%w_]*$") then
    return path == "" and k or path .. "." .. k
  end
  return path .. key_text(k)
end

local same_start, around = 60, 30 -- bytes: of texts of which a part is shown, and of that part before and after

---The first byte in which two texts differ.
local function first_difference(a, b)
  local same, other = 0, min(#a, #b) + 1
  while other - same > 1 do
    local middle = floor((same + other) / 2)
    if substring(a, same + 1, middle) == substring(b, same + 1, middle) then
      same = middle
    else
      other = middle
    end
  end
  return other
end

---Notes that two values differ: long texts by what is around their first difference.
local function note(want, got, path, found)
  local at = type(want) == "string" and type(got) == "string" and first_difference(want, got) or 0
  if at <= same_start then
    local text, other = show(want), show(got)
    insert(found, { path = path, want = text, got = type(got) == "function" and text == other and "another function" or other })
    return
  end
  local function part(text)
    local from, to = letter(text, at - around), letter(text, min(#text + 1, at + around))
    return "..." .. quoted(substring(text, from, to - 1)) .. (to <= #text and "..." or "")
  end
  insert(found, { path = (path == "" and "" or path .. ", ") .. "byte " .. at, want = part(want), got = part(got) })
end

---Notes where two values differ. Where part is true, what is not wanted does not count. The pairs of tables that were
---met are those that are the same, as long as nothing else is found: so tables may contain themselves.
local function compare(want, got, part, path, found, depth, met)
  if type(want) ~= "table" or type(got) ~= "table" or want == got then
    if want ~= got and not (want ~= want and got ~= got) then
      note(want, got, path, found)
    end
    return found
  end
  met[want] = met[want] or {}
  if met[want][got] then
    return found
  elseif depth > max_depth then
    too_deep()
  end
  local before = #found
  if part and is_empty(want) and not is_empty(got) then
    note(want, got, path, found)
  end
  met[want][got] = true
  for _, k in ipairs(keys(want, not part and got or nil)) do
    compare(rawget(want, k), rawget(got, k), part, join(path, k), found, depth + 1, met)
  end
  met[want][got] = #found == before or nil
  return found
end

local function equal(want, got)
  return #compare(want, got, false, "", {}, 0, {}) == 0
end

---Whether an empty table is among the items of a list, or of lists within it.
local function has_empty(list, depth)
  if depth > max_depth then
    too_deep()
  end
  for _, item in ipairs(list) do
    if is_empty(item) or type(item) == "table" and has_empty(item, depth + 1) then
      return true
    end
  end
  return false
end

---Whether a value has what is wanted of it: keys of a table, some items of a list, or a part of a text. An empty table
---within what is wanted says nothing as a part, so it stands for itself.
local function contains(want, got, depth)
  if depth > max_depth then
    too_deep()
  elseif type(want) == "string" and type(got) == "string" and depth == 0 then
    return find(got, want, 1, true) ~= nil
  elseif is_empty(want) then
    return is_empty(got)
  elseif type(got) ~= "table" then
    return equal(want, got)
  elseif type(want) ~= "table" or is_list(got) and not is_list(want) then
    for _, item in ipairs(got) do
      if contains(want, item, depth + 1) then
        return true
      end
    end
    return false
  elseif is_list(want) then
    for _, wanted in ipairs(want) do
      if is_empty(wanted) and not has_empty(got, depth + 1) or not is_empty(wanted) and not contains(wanted, got, depth + 1) then
        return false
      end
    end
    return true
  end
  for k, wanted in next, want do
    if not contains(wanted, rawget(got, k), depth + 1) then
      return false
    end
  end
  return true
end

-- expect -------------------------------------------------------------------------------------------------------------

local expectation = {}
expectation.__index = function(_, name)
  local method = rawget(expectation, name)
  if method == nil then
    local known = {}
    for k in next, expectation do
      if not find(k, "^__") then
        insert(known, k)
      end
    end
    error(ask(1, "unknown", "expect(...)", tostring(name), known), 2)
  end
  return method
end

---Notes a failure at the line that calls the expectation.
local function fail(message, want, got, differences)
  ask(3, "fail", { place = place(3), message = message, want = want, got = got, differences = differences })
end

local function checked(self, name)
  if getmetatable(self) ~= expectation then
    error(format("want a colon before %s, as in t.expect(v):%s(...)", name, name), 3)
  end
  return rawget(self, "value")
end

---What an expectation is given to compare with. An argument that was forgotten is not taken for nil.
local function wanted(name, ...)
  if select("#", ...) == 0 then
    error(name .. ": want a value to compare with, got none", 3)
  end
  return (...)
end

---The same of a part. An empty one says nothing, and comes of a name that is misspelt: has { code = coeds.full }.
local function wanted_part(name, ...)
  local part = wanted(name, ...)
  if part == "" or type(part) == "table" and next(part) == nil then
    error(format("%s: want a part to look for, got %s, which is a part of each", name, show(part)), 3)
  end
  return part
end

function expectation:is(...)
  local got, want = checked(self, "is"), wanted("is", ...)
  local found = compare(want, got, false, "", {}, 0, {})
  if #found > 0 then
    fail("want something else", show(want), show(got), found)
  end
  return self
end

function expectation:is_not(...)
  local got, unwanted = checked(self, "is_not"), wanted("is_not", ...)
  if equal(unwanted, got) then
    fail("want anything else", "not " .. show(unwanted), show(got))
  end
  return self
end

function expectation:has(...)
  local got, want = checked(self, "has"), wanted_part("has", ...)
  if not contains(want, got, 0) then
    local found
    if type(want) == "table" and type(got) == "table" and not is_list(want) and not is_list(got) then
      found = {}
      for _, k in ipairs(keys(want)) do
        if not contains(want[k], rawget(got, k), 1) then
          compare(want[k], rawget(got, k), true, join("", k), found, 0, {})
        end
      end
    end
    fail("want it to have this", show(want), show(got), found)
  end
  return self
end

function expectation:has_not(...)
  local got, unwanted = checked(self, "has_not"), wanted_part("has_not", ...)
  if contains(unwanted, got, 0) then
    fail("want it not to have this", "not " .. show(unwanted), show(got))
  end
  return self
end

local function text_of(self, name, pattern)
  local got = checked(self, name)
  if type(pattern) ~= "string" then
    error(format("%s: want a pattern, got %s", name, type(pattern)), 3)
  end
  return got
end

function expectation:matches(pattern)
  local got = text_of(self, "matches", pattern)
  if type(got) ~= "string" or not find(got, pattern) then
    fail("want a text that matches", show(pattern), show(got))
  end
  return self
end

function expectation:matches_not(pattern)
  local got = text_of(self, "matches_not", pattern)
  if type(got) == "string" and find(got, pattern) then
    fail("want a text that does not match", "not " .. show(pattern), show(got))
  end
  return self
end

function expectation:near(want, tolerance)
  local got = checked(self, "near")
  if type(want) ~= "number" then
    error("near: want a number, got " .. type(want), 2)
  elseif tolerance ~= nil and not (type(tolerance) == "number" and tolerance >= 0) then
    error("near: want a tolerance of 0 or more, got " .. show(tolerance), 2)
  end
  tolerance = tolerance or 1e-6
  if type(got) ~= "number" or not (got >= want - tolerance and got <= want + tolerance) then
    fail("want a number near", show(want) .. " ± " .. show(tolerance), show(got))
  end
  return self
end

---The message of what was raised.
local function message_of(why)
  if type(why) == "table" then
    why = why.message ~= nil and why.message or show(why)
  end
  return tostring(why)
end

local function raised(self, name)
  local fn = checked(self, name)
  if type(fn) ~= "function" then
    error(format("%s: want a function in t.expect(...), got %s", name, type(fn)), 3)
  end
  local ok, why = pcall(fn)
  return not ok, why
end

function expectation:raises(pattern)
  local did, why = raised(self, "raises")
  local message = message_of(why)
  if not did then
    fail("want an error", pattern and show(pattern) or "an error", "none")
  elseif pattern and not find(message, pattern, 1, true) and not find(message, pattern) then
    fail("want an error that matches", show(pattern), show(message))
  end
  return self
end

function expectation:raises_not(...)
  if select("#", ...) > 0 then
    error("raises_not: want no pattern: it is to raise no error at all", 2)
  end
  local did, why = raised(self, "raises_not")
  if did then
    fail("want no error", "none", show(message_of(why)))
  end
  return self
end

-- What a test says of the hook, its config and the world around it ---------------------------------------------------

local setup = {}

function setup.hook(script, settings)
  ask(2, "hook", script, settings)
end

function setup.options(options)
  ask(2, "options", options)
end

function setup.config(path, service)
  ask(2, "config", path, service)
end

function setup.service(name, host_name)
  ask(2, "service", name, host_name)
end

function setup.http(method, url, answer)
  ask(2, "http", method, url, answer)
end

local stubs = {}

function setup.stub(name, methods)
  if type(name) ~= "string" or type(methods) ~= "table" then
    error(format("stub: want a name and a table of functions, got %s and %s", type(name), type(methods)), 2)
  end
  local names = {}
  for method, fn in pairs(methods) do
    if type(method) ~= "string" or type(fn) ~= "function" then
      error(format("stub: want functions by name, got %s of %s", type(fn), key_text(method)), 2)
    end
    insert(names, method)
  end
  sort(names)
  ask(2, "stub", name, names)
  stubs[name] = methods
end

---What a hook calls as a method of a stub. It returns all results as one list.
_G["\0stub"] = function(name, method, args, n)
  local given = {}
  for i = 1, n do
    if args[i] ~= null then
      given[i] = args[i]
    end
  end
  local methods = stubs[name]
  local function list(...)
    local results = setmetatable({}, { __jsontype = "array" })
    for i = 1, select("#", ...) do
      local value = select(i, ...)
      if value == nil then
        value = null
      end
      results[i] = value
    end
    return results
  end
  return list(methods[method](methods, unpack(given, 1, n)))
end

-- t: what a test does ------------------------------------------------------------------------------------------------

local t = {}
for name, fn in next, setup do
  t[name] = fn
end

---Complains of t:call{...}, which gives t itself as the first argument.
local function dotted(name, first)
  if first == t then
    error(format("want a dot before %s, as in t.%s(...)", name, name), 3)
  end
end

function t.expect(...)
  if select("#", ...) == 0 then
    error("expect: want a value, got none", 2)
  end
  dotted("expect", ...)
  return setmetatable({ value = (...) }, expectation)
end

local shapes = {} -- of records, by name: the names of their fields, and of the records in them

---Makes it an error to read a field that a record does not have.
local function typed(value, name, path)
  local shape = shapes[name]
  if type(value) ~= "table" or not shape then
    return value
  end
  if shape.item then
    for i, item in ipairs(value) do
      typed(item, shape.item, path .. "[" .. i .. "]")
    end
    return value
  end
  for field, inner in next, shape.fields do
    typed(rawget(value, field), inner, path .. "." .. field)
  end
  return setmetatable(value, {
    __index = function(_, field)
      if shape.fields[field] == nil then
        local known = {}
        for k in next, shape.fields do
          insert(known, k)
        end
        error(ask(1, "unknown", path, tostring(field), known), 2)
      end
    end,
  })
end

local function report(answer)
  for name, shape in next, answer.shapes do
    shapes[name] = shape
  end
  return typed(answer.call, "call " .. answer.method, "the call")
end

function t.call(call)
  dotted("call", call)
  return report(ask(2, "call", call, place(2)))
end

function t.tick(tick)
  dotted("tick", tick)
  return report(ask(2, "tick", tick or {}, place(2)))
end

function t.clock(at)
  return ask(2, "clock", at)
end

function t.advance(duration)
  return ask(2, "advance", duration)
end

---A key of the state as a text, which a hook may also write as a number.
local function key_of(key)
  if type(key) == "number" then
    return tostring(key)
  end
  return key
end

---The value of an entry of the state, which is not there where it is null.
local function value_of(entry)
  if entry.value == nil then
    return null
  end
  return entry.value
end

---The state of a hook, as the hook sees it.
local function state_of(name)
  return {
    get = function(key, default)
      local entry = ask(2, "state_get", name, key_of(key))
      if entry == nil then
        return default
      end
      return value_of(entry)
    end,
    set = function(key, value, how)
      ask(2, "state_set", name, key_of(key), { value = value }, how)
    end,
    delete = function(key)
      ask(2, "state_delete", name, key_of(key))
    end,
    all = function()
      local all = {}
      for key, entry in next, ask(2, "state_all", name) do
        all[key] = value_of(entry)
      end
      return all
    end,
  }
end

t.state = state_of("")
t.state.of = state_of

local computed = { events = true, logs = true }

setmetatable(t, {
  __index = function(_, name)
    if computed[name] then
      return ask(2, name)
    end
    local known = { "events", "logs" }
    for k in next, t do
      insert(known, k)
    end
    error(ask(1, "unknown", "t", tostring(name), known), 2)
  end,
})

-- test: the tests of a file ------------------------------------------------------------------------------------------

local functions, rows = {}, {}

local function add(level, name, fn, row)
  if setup[name] or name == "table" then
    error(format("test.%s is there already: want a test of another name", name), level + 1)
  elseif type(fn) ~= "function" then
    error(format("test.%s: want a function, got %s", name, type(fn)), level + 1)
  elseif functions[name] then
    error(format("test.%s is defined twice", name), level + 1)
  end
  functions[name], rows[name] = fn, row
  if only == nil then
    ask(level + 1, "add", name, place(level + 1))
  elseif name == only then
    test_place = place(level + 1)
  end
end

test = setmetatable({}, {
  __index = setup,
  __newindex = function(_, name, fn)
    if type(name) ~= "string" then
      error(format("test: want a name, got %s", type(name)), 2)
    end
    add(2, name, fn)
  end,
})

setup.table = function(name, list, fn)
  if type(name) ~= "string" or type(list) ~= "table" or not is_list(list) or type(fn) ~= "function" then
    error("test.table: want a name, a list of rows and a function", 2)
  end
  local taken = {}
  for i, row in ipairs(list) do
    local label = type(row) == "table" and type(row.name) == "string" and row.name or tostring(i)
    if taken[label] then
      label = label .. "#" .. i
    end
    taken[label] = true
    add(2, name .. "/" .. label, fn, row)
  end
end

_G["\0run"] = function(name)
  t.name = name
  functions[name](t, rows[name])
end

require("\0test")
