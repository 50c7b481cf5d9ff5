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
  env.getfenv = function() return env end
  return load(source, name, "t", env)
end

local prelude = chunk()

local function run(source)
  local lines, env = {}, {}
  for k, v in pairs(_G) do env[k] = v end
  env._G = env
  function env.print(...)
    local line = {}
    for i = 1, select("#", ...) do line[i] = tostring((select(i, ...))) end
    lines[#lines + 1] = table.concat(line, "\t") .. "\n"
  end
  local program, problem = compile(source, "=program", env)
  if not program then return "cannot be compiled: " .. problem end
  assert(compile(prelude, "=prelude", env))()
  debug.sethook(function() error("E:stuck", 0) end, "", 20000000)
  local ok, raised = pcall(program)
  debug.sethook()
  if not ok then lines[#lines + 1] = "failed" end
  return table.concat(lines)
end

for source in chunk do
  local printed = run(source)
  output:write(#printed, "\n", printed)
end
