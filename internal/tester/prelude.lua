-- prelude.lua: what a test's file sees as `test`, and each of its functions as `t`. It runs before the file, with the same
-- globals. The host object hookrun_test is the part of it that is written in Go: it answers with true and a value, or with
-- false and a message.

local host = hookrun_test
hookrun_test = nil

local error, getmetatable, ipairs, next, pairs, pcall, rawget, rawset, select, setmetatable, tostring, type, unpack =
  error, getmetatable, ipairs, next, pairs, pcall, rawget, rawset, select, setmetatable, tostring, type, unpack
local concat, find, floor, format, gsub, insert, match, sort =
  table.concat, string.find, math.floor, string.format, string.gsub, table.insert, string.match, table.sort
local null = null

---Where the function at a level is, as error writes it: 1 is the one that calls.
---@param level integer
local function place(level)
  local _, text = pcall(error, "", level + 2)
  return text
end

---Asks the host, and raises its complaint at a level of the caller.
local function ask(level, operation, ...)
  local ok, answer = host[operation](...)
  if not ok then
    error(answer, level + 1)
  end
  return answer
end

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

local function key_text(k)
  if type(k) == "string" and find(k, "^[%a_][%w_]*$") then
    return k
  end
  return "[" .. (type(k) == "string" and format("%q", k) or tostring(k)) .. "]"
end

local max_shown = 4000 -- bytes of a value

local function show(v, depth)
  depth = depth or 0
  if type(v) == "string" then
    return (gsub(format("%q", v), "\\\n", "\\n"))
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

local function join(path, k)
  if type(k) == "string" and find(k, "^[%a_][%w_]*$") then
    return path == "" and k or path .. "." .. k
  end
  return path .. key_text(k)
end

---Notes where two values differ. Where part is true, what is not wanted does not count.
local function compare(want, got, part, path, found, depth)
  if type(want) ~= "table" or type(got) ~= "table" or want == got or depth > max_depth then
    if want ~= got and not (want ~= want and got ~= got) then
      insert(found, { path = path, want = show(want), got = show(got) })
    end
    return found
  end
  for _, k in ipairs(keys(want, not part and got or nil)) do
    compare(rawget(want, k), rawget(got, k), part, join(path, k), found, depth + 1)
  end
  return found
end

local function equal(want, got)
  return #compare(want, got, false, "", {}, 0) == 0
end

---Whether a value has what is wanted of it: keys of a table, some items of a list, or a part of a text.
local function contains(want, got, depth)
  if type(want) == "string" and type(got) == "string" and depth == 0 then
    return find(got, want, 1, true) ~= nil
  elseif type(got) ~= "table" then
    return equal(want, got)
  elseif type(want) ~= "table" or is_list(got) and not is_list(want) and next(want) ~= nil then
    for _, item in ipairs(got) do
      if contains(want, item, 1) then
        return true
      end
    end
    return false
  elseif is_list(want) then
    for _, wanted in ipairs(want) do
      if not contains(wanted, got, 1) then
        return false
      end
    end
    return true
  end
  for k, wanted in next, want do
    if not contains(wanted, rawget(got, k), 1) then
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

function expectation:is(want)
  local got = checked(self, "is")
  local found = compare(want, got, false, "", {}, 0)
  if #found > 0 then
    fail("want something else", show(want), show(got), found)
  end
  return self
end

function expectation:is_not(unwanted)
  local got = checked(self, "is_not")
  if equal(unwanted, got) then
    fail("want anything else", "not " .. show(unwanted), show(got))
  end
  return self
end

function expectation:has(want)
  local got = checked(self, "has")
  if not contains(want, got, 0) then
    local found
    if type(want) == "table" and type(got) == "table" and not is_list(want) and not is_list(got) then
      found = {}
      for _, k in ipairs(keys(want)) do
        if not contains(want[k], rawget(got, k), 1) then
          compare(want[k], rawget(got, k), true, join("", k), found, 0)
        end
      end
    end
    fail("want it to have this", show(want), show(got), found)
  end
  return self
end

function expectation:has_not(unwanted)
  local got = checked(self, "has_not")
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
  end
  tolerance = tolerance or 1e-6
  if type(got) ~= "number" or not (got >= want - tolerance and got <= want + tolerance) then
    fail("want a number near", show(want) .. " ± " .. show(tolerance), show(got))
  end
  return self
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
  local message = type(why) == "table" and tostring(why.message) or tostring(why)
  if not did then
    fail("want an error", pattern and show(pattern) or "an error", "none")
  elseif pattern and not find(message, pattern, 1, true) and not find(message, pattern) then
    fail("want an error that matches", show(pattern), show(message))
  end
  return self
end

function expectation:raises_not()
  local did, why = raised(self, "raises_not")
  if did then
    fail("want no error", "none", show(type(why) == "table" and why.message or why))
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

function t.expect(...)
  if select("#", ...) == 0 then
    error("expect: want a value, got none", 2)
  end
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
  return report(ask(2, "call", call, place(2)))
end

function t.tick(tick)
  return report(ask(2, "tick", tick or {}, place(2)))
end

function t.clock(at)
  return ask(2, "clock", at)
end

function t.advance(duration)
  return ask(2, "advance", duration)
end

---The state of a hook, as the hook sees it.
local function state_of(name)
  return {
    get = function(key, default)
      local value = ask(2, "state_get", name, key)
      if value == nil then
        return default
      end
      return value
    end,
    set = function(key, value, how)
      ask(2, "state_set", name, key, value, how)
    end,
    delete = function(key)
      ask(2, "state_delete", name, key)
    end,
    all = function()
      return ask(2, "state_all", name)
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
  ask(level + 1, "add", name, place(level + 1))
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
