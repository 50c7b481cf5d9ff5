-- What generated programs call. It puts functions into its environment, new ones for each program.
do
  local env = getfenv(1)
  local steps, lines = 0, 0
  local format, concat, type, tostring, select = string.format, table.concat, type, tostring, select
  local setmetatable, error, sort, pairs, print = setmetatable, error, table.sort, pairs, print

  -- tick ends a program that runs long.
  function env.tick()
    steps = steps + 1
    if steps > 3000 then error("E:long", 0) end
  end

  local function number(v)
    if v ~= v then return "nan" end
    if v == 1 / 0 then return "inf" end
    if v == -1 / 0 then return "-inf" end
    if v == 0 then return "0" end
    return format("%.10g", v)
  end

  local write
  local function fields(t, depth)
    local list, keys = {}, {}
    for k in pairs(t) do
      if type(k) == "number" then list[#list + 1] = k elseif type(k) == "string" then keys[#keys + 1] = k end
    end
    sort(list)
    sort(keys)
    local out = {}
    for i = 1, #list do out[#out + 1] = "[" .. number(list[i]) .. "]=" .. write(t[list[i]], depth + 1) end
    for i = 1, #keys do out[#out + 1] = keys[i] .. "=" .. write(t[keys[i]], depth + 1) end
    return "{" .. concat(out, ",") .. "}"
  end

  function write(v, depth)
    local kind = type(v)
    if kind == "number" then return number(v) end
    if kind == "string" then
      v = v:sub(1, 60)
      local raised = v:find("E:", 1, true)
      if raised then return v:sub(raised) end
      local from = v:byte(1) -- messages of the interpreters begin with a place, or with "can"
      if from == 112 and v:find("^pr%a+:") or from == 99 and v:find("^can ?not") or from == 60 and v:find("^<string>") or (from == 97 or from == 32) and v:find("^ ?attempt") then return "<error>" end
      return "'" .. v .. "'"
    end
    if kind == "table" then
      if v.is_obj then return "obj(" .. write(v.v, depth + 1) .. ")" end
      if depth > 3 then return "{...}" end
      return fields(v, depth)
    end
    if kind == "function" or kind == "thread" then return kind end
    return tostring(v)
  end

  function env.show(...)
    lines = lines + 1
    if lines > 150 then return end
    local out = {}
    for i = 1, select("#", ...) do out[i] = write((select(i, ...)), 0) end
    print(concat(out, " "))
  end

  function env.id(...) return ... end
  function env.num(v) if type(v) == "number" then return v end return 3 end
  function env.str(v) if type(v) == "string" then return v:sub(1, 20) end return "s" end
  function env.tab(v) if type(v) == "table" then return v end return { 1, 2 } end
  function env.sel(...) return (select("#", ...)), ... end
  function env.pack(...) return { n = select("#", ...), ... } end

  -- iter counts to n, gen returns a function that does.
  function env.iter(n, limit)
    local i = 0
    return function(s, c)
      env.tick()
      i = i + 1
      if i <= n then return i, c, s end
    end, limit, n
  end
  function env.gen(n)
    return function(...) return env.iter(n, ...) end
  end

  -- obj is a value of which every operation is a metamethod.
  local meta = {}
  local function obj(v) return setmetatable({ v = v, is_obj = true }, meta) end
  env.obj = obj
  local function raw(o) if type(o) == "table" and o.is_obj then return o.v end return o end
  local function arith(name)
    return function(a, b)
      env.tick()
      return obj(name .. "(" .. write(raw(a), 2) .. "," .. write(raw(b), 2) .. ")")
    end
  end
  for _, name in pairs({ "add", "sub", "mul", "div", "mod", "pow", "concat" }) do meta["__" .. name] = arith(name) end
  function meta.__unm(a) return obj("unm(" .. write(raw(a), 2) .. ")") end
  function meta.__eq(a, b) return raw(a) == raw(b) end
  local function same(a, b) -- Lua 5.1 compares values of one type only
    if type(a) ~= type(b) then error("attempt to compare") end
  end
  function meta.__lt(a, b) same(a, b) return write(raw(a), 2) < write(raw(b), 2) end
  function meta.__le(a, b) same(a, b) return write(raw(a), 2) <= write(raw(b), 2) end
  function meta.__call(self, ...) env.tick() return self.v, ... end
  function meta.__index(_, k) if k == "is_obj" or k == "v" then return nil end return "field " .. write(k, 2) end
  function meta:m(...) return raw(self), ... end
end
