-- Runs programs. The first chunk on standard input is the prelude; every further one is a program. A chunk is its length in
-- bytes, a line feed, and its text. What a program printed is written in the same form.
arg = nil
local input, output = io.stdin, io.stdout

local function chunk()
  local length = input:read("*n")
  if not length then return nil end
  input:read(1)
  return length == 0 and "" or input:read(length)
end

-- compile returns a function that runs a program in an environment. From Lua 5.2 on, the environment is given here.
local function compile(source, name, env)
  if setfenv then
    local program, problem = loadstring(source, name)
    return program and setfenv(program, env), problem
  end
  return load(source, name, "t", env)
end

local prelude = chunk()

local function copy(t)
  local c = {}
  for k, v in pairs(t) do c[k] = v end
  return c
end

-- What programs cannot have in hooks is not there either.
local globals = copy(_G)
for _, name in ipairs({ "io", "debug", "package", "load", "loadstring", "dofile", "loadfile", "setfenv", "getfenv", "module" }) do
  globals[name] = nil
end
for table, names in pairs({
  string = { "dump", "gfind" }, math = { "mod" }, table = { "foreach", "foreachi", "setn" },
  os = { "execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname" },
}) do
  for _, name in ipairs(names) do _G[table][name] = nil end
end
local methods = getmetatable("")

if not setfenv then -- what Lua 5.2 calls an error, or gives as a nil
  local remove = table.remove
  function table.remove(list, position)
    local at, last = tonumber(position or #list), #list
    if at and not (1 <= at and at <= last) then return end
    return remove(list, position)
  end
end

local function run(source)
  local lines, env = {}, copy(globals)
  for _, name in ipairs({ "string", "table", "math", "os", "coroutine" }) do env[name] = copy(_G[name]) end
  env._G = env
  methods.__index = env.string
  local size = 0
  function env.print(...)
    local line = {}
    for i = 1, select("#", ...) do line[i] = tostring((select(i, ...))) end
    lines[#lines + 1] = table.concat(line, "\t") .. "\n"
  end
  function env.require() return assert(compile(prelude, "=prelude", env))() end
  local program, problem = compile(source, "=program", env)
  if not program then return "cannot be compiled: " .. problem end
  debug.sethook(function() error("E:stuck", 0) end, "", 20000000)
  local ok, raised = pcall(program)
  if ok and env.hook then ok = pcall(env.hook, env.V) end
  debug.sethook()
  methods.__index = string
  if not ok then lines[#lines + 1] = "failed\n" end
  return table.concat(lines)
end

for source in chunk do
  local printed = run(source)
  output:write(#printed, "\n", printed)
end
