-- Runs programs under Lua's own hooks. The first chunk on standard input is the prelude; every further one is a program.
-- A chunk is its length in bytes, a line feed, and its text. Of each program the lines and functions that were executed
-- are written, on one line: "1 2 5|0,0 3,4".
local input, output = io.stdin, io.stdout
local sethook, getinfo = debug.sethook, debug.getinfo

local function chunk()
  local length = input:read("*n")
  if not length then return nil end
  input:read(1)
  return length == 0 and "" or input:read(length)
end

local prelude = chunk()

local function copy(t)
  local c = {}
  for k, v in pairs(t) do c[k] = v end
  return c
end

local lines, calls = {}, {}
local function hook(event, line)
  local info = getinfo(2, "S")
  if info.source ~= "=program" then return end
  if event == "line" then
    lines[line] = true
  else
    calls[info.linedefined .. "," .. info.lastlinedefined] = true
  end
end

-- A coroutine has hooks of its own.
local create, wrap = coroutine.create, coroutine.wrap
local function hooked(f)
  if type(f) ~= "function" or getinfo(f, "S").what == "C" then return f end
  return function(...)
    sethook(hook, "lc")
    return f(...)
  end
end
function coroutine.create(f) return create(hooked(f)) end
function coroutine.wrap(f) return wrap(hooked(f)) end

local globals = copy(_G)
for _, name in ipairs({ "io", "debug", "package", "load", "loadstring", "dofile", "loadfile", "setfenv", "getfenv", "module" }) do
  globals[name] = nil
end
local methods = getmetatable("")

local function sorted(set)
  local list = {}
  for k in pairs(set) do list[#list + 1] = k end
  table.sort(list)
  return table.concat(list, " ")
end

local function run(source)
  lines, calls = {}, {}
  local env = copy(globals)
  for _, name in ipairs({ "string", "table", "math", "os", "coroutine" }) do env[name] = copy(_G[name]) end
  env._G = env
  methods.__index = env.string
  env.print = function() end
  function env.require() return setfenv(assert(loadstring(prelude, "=prelude")), env)() end
  local program, problem = loadstring(source, "=program")
  if not program then return "cannot be compiled: " .. problem end
  setfenv(program, env)
  sethook(hook, "lc")
  local ok = pcall(program)
  if ok and env.hook then pcall(env.hook, env.V) end
  sethook()
  methods.__index = string
  return sorted(lines) .. "|" .. sorted(calls)
end

for source in chunk do output:write(run(source), "\n") end
