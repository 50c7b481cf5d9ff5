-- bystander.lua: a hook beside the attacked ones. It keeps state in tables and looks at the world as any script may expect it.
local name = options.name
local state = { probes = 0, recent = {}, words = { "alpha", "beta", "gamma" } }
local fallback = setmetatable({}, { __index = function(_, key) return key .. "?" end })

local function expect(ok, what)
  if not ok then error("bystander " .. name .. ": " .. what, 0) end
end

local function refuses(f, ...)
  return not pcall(f, ...)
end

local function library()
  expect(tostring(12) == "12" and tonumber("0x10") == 16 and type(nil) == "nil", "base library")
  expect(("x"):rep(3) == "xxx" and string.upper("a") == "A" and ("a,b"):find(",", 1, true) == 2, "string library")
  expect(string.format("%d-%s", 7, "x") == "7-x" and (("a.b"):gsub("%.", "-")) == "a-b", "formats and patterns")
  local t = { 3, 1, 2 }
  table.sort(t)
  expect(t[1] == 1 and t[3] == 3 and table.concat(t, "+") == "1+2+3", "table library")
  expect(math.floor(1.5) == 1 and math.max(1, 2) == 2 and math.random(3) <= 3, "math library")
  expect(json.decode(json.encode({ a = { 1, 2 } })).a[2] == 2, "json library")
  local double = coroutine.wrap(function(a)
    local b = coroutine.yield(a + 1)
    return b * 2
  end)
  expect(double(1) == 2 and double(21) == 42, "coroutine library")
  expect(type(os.time()) == "number" and service.host == "storage-1" and options.name == name, "service and options")
end

local function types()
  expect(refuses(function() return (1).x end) and refuses(function() return (true).x end), "numbers and booleans have members")
  expect(refuses(function() return print.x end) and refuses(function() return print .. "" end), "functions have members")
  expect(refuses(function() return (nil).x end) and refuses(function() return "a" + "b" end), "strings add up")
  expect(getmetatable("").__index == string and ("x").evil == nil, "the metatable of strings")
  expect(fallback.key == "key?", "a metatable of its own")
end

local function globals()
  local names = {}
  for key in pairs(_G) do names[#names + 1] = tostring(key) end
  table.sort(names)
  return table.concat(names, " ")
end

local function remember(call)
  library()
  types()
  state.probes = state.probes + 1
  state.recent[state.probes % 8 + 1] = call.id
  expect(#state.words == 3 and table.concat(state.words) == "alphabetagamma", "a table of its own")
  for at, id in pairs(state.recent) do
    expect(at <= 8 and id:find("^attacked%-%d+$") == 1, "calls it has seen")
  end
  return { probes = state.probes, id = call.id }
end

local function show(call, result)
  expect(call.pre.id == call.id and call.pre.probes <= state.probes, "what pre returned")
  result.seen[name] = { probes = state.probes, globals = globals(), generation = call.generation }
end

pre.probe, post.probe = remember, show

function pre.attack(call)
  library()
  types()
  return call.id
end

function post.attack(call, result)
  expect(call.pre == call.id, "what pre returned")
  result.seen[name] = true
end
