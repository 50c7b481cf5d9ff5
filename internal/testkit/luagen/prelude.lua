-- What generated programs call. It is run anew for each program, in the program's own globals.
local steps, lines = 0, 0
local format, concat, type, tostring, select = string.format, table.concat, type, tostring, select
local setmetatable, error, sort, pairs, print, rep = setmetatable, error, table.sort, pairs, print, string.rep

-- tick ends a program that runs long.
function tick()
  steps = steps + 1
  if steps > 3000 then error("E:long", 0) end
end

-- A number is written with all its digits, and a zero with its sign. That of nan is the processor's.
local function number(v)
  if v ~= v then return "nan" end
  if v == 0 then return 1 / v < 0 and "-0" or "0" end
  return format("%.17g", v)
end

local write
local function fields(t, depth)
  local list, keys, others = {}, {}, 0
  for k in pairs(t) do
    if type(k) == "number" then list[#list + 1] = k elseif type(k) == "string" then keys[#keys + 1] = k else others = others + 1 end
  end
  sort(list)
  sort(keys)
  local out = {}
  for i = 1, #list do out[#out + 1] = "[" .. number(list[i]) .. "]=" .. write(t[list[i]], depth + 1) end
  for i = 1, #keys do out[#out + 1] = keys[i] .. "=" .. write(t[keys[i]], depth + 1) end
  if others > 0 then out[#out + 1] = others .. " more" end
  return "{" .. concat(out, ",") .. "}"
end

-- A text is written with its length, and without the addresses in it. Bytes are escaped here since "%q" is not the same in all versions.
local function escape(c) return format("\\%03d", c:byte()) end
local function text(v)
  local shown = v:sub(1, 300):gsub("(%a+: )0x%x+", "%10x"):gsub("builtin: %x+", "0x")
  return '"' .. shown:gsub('[%c%z"\\\128-\255]', escape) .. '"' .. (#v > 300 and "#" .. #v or "")
end

function write(v, depth)
  local kind = type(v)
  if kind == "number" then return number(v) end
  if kind == "string" then
    if HIDES_MESSAGES then -- those of Lua 5.2 are others
      if v:find("E:", 1, true) then return v:sub((v:find("E:", 1, true))) end
      if v:find("^program:%d") or v:find("^prelude:%d") or v:find("^bad arg") or v:find("^attempt") or v:find("^cannot res") then return "<error>" end
    end
    return text(v)
  end
  if kind == "table" then
    if v.is_obj then return "obj(" .. write(v.v, depth + 1) .. ")" end
    if depth > 3 then return "{...}" end
    return fields(v, depth)
  end
  if kind == "function" or kind == "thread" then return kind end
  return tostring(v)
end

function show(...)
  lines = lines + 1
  if lines > 150 then return end
  local out = {}
  for i = 1, select("#", ...) do out[i] = write((select(i, ...)), 0) end
  print(concat(out, " "))
end

-- near shows numbers without their last digits.
function near(...)
  local list = { ... }
  for i = 1, select("#", ...) do
    if type(list[i]) == "number" then list[i] = format("%.11g", list[i]):gsub("%-?nan", "nan") end
  end
  show(unpack(list, 1, select("#", ...)))
end

function id(...) return ... end
-- num is a number that both write with the same digits where it becomes text.
function num(v) if type(v) == "number" and (v ~= v or (v < 1e13 and v > -1e13) or v == 1 / 0 or v == -1 / 0) then return v end return 3 end
function fin(v) if type(v) == "number" and v < 1e6 and v > -1e6 then return v end return 2 end
function str(v) if type(v) == "string" then return v:sub(1, 20) end return "s" end
function tab(v) if type(v) == "table" then return v end return { 1, 2 } end
function sel(...) return (select("#", ...)), ... end
function pack(...) return { n = select("#", ...), ... } end

-- iter counts to n, gen returns a function that does.
function iter(n, limit)
  local i = 0
  return function(s, c)
    tick()
    i = i + 1
    if i <= n then return i, c, s end
  end, limit, n
end
function gen(n)
  return function(...) return iter(n, ...) end
end

-- obj is a value of which every operation is a metamethod; of cobj the metamethods are tables that can be called.
local meta, cmeta = {}, {}
function obj(v) return setmetatable({ v = v, is_obj = true }, meta) end
function cobj(v) return setmetatable({ v = v, is_obj = true }, cmeta) end
local obj = obj
local function raw(o) if type(o) == "table" and o.is_obj then return o.v end return o end
local function arith(name)
  return function(a, b)
    tick()
    return obj(name .. "(" .. write(raw(a), 2) .. "," .. write(raw(b), 2) .. ")")
  end
end
for _, name in pairs({ "add", "sub", "mul", "div", "mod", "pow", "concat" }) do meta["__" .. name] = arith(name) end
function meta.__unm(a) return obj("unm(" .. write(raw(a), 2) .. ")") end
function meta.__eq(a, b) return write(raw(a), 2) == write(raw(b), 2) end
local function same(a, b) -- Lua 5.1 compares values of one type only
  if type(a) ~= type(b) then error("attempt to compare") end
end
function meta.__lt(a, b) same(a, b) return write(raw(a), 2) < write(raw(b), 2) end
function meta.__le(a, b) same(a, b) return write(raw(a), 2) <= write(raw(b), 2) end
function meta.__tostring(a) return "<" .. write(raw(a), 2) .. ">" end
for name, f in pairs(meta) do
  cmeta[name] = setmetatable({}, { __call = function(_, ...) return f(...) end })
end
meta.__call = function(self, ...) tick() return self.v, ... end
meta.__index = function(_, k) if k == "is_obj" or k == "v" then return nil end return "field " .. write(k, 2) end
function meta:m(...) return raw(self), ... end
cmeta.__call, cmeta.__index, cmeta.m = meta.__call, meta.__index, meta.m

-- Z is zero. Lua 5.1 takes 0 and -0 for the same constant of a function.
Z, N = 0, { 1, 2, -1, 3.25, 1e2 } -- so that nothing folds to it

-- V is what a hook would be given.
V = { n = 1.5, s = "text", b = true, z = 0, list = { 1, "two", 3.25 }, map = { k = "v", deep = { x = 1 } } }
