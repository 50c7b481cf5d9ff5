-- What Lua has and hooks have not.

io.write("x") --> io is not available in hooks: use log to write, and options for input
os.exit(1) --> os.exit is not available in hooks: use reject to refuse a call, or error to fail
local chunk = loadstring("return 1") --> loadstring is not available in hooks: write the function into the script
print(chunk, os.time(), os.getenv("HOME")) --> os.getenv is not available in hooks: use options
collectgarbage() --> collectgarbage is not available in hooks: memory is freed by itself, within max_memory

-- A name that the file defines is its own.
function load(path)
  return path
end
load("x")

local debug = { traceback = print }
debug.traceback()
