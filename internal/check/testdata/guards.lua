-- Asking whether a name is there is no mistake, nor is using it where it is.

local unpack = unpack or table.unpack
local pack = table.pack or function(...) return { n = select("#", ...), ... } end
local load = loadstring or load
local bits = bit32 or bit or { band = function() end }
local isJit = jit ~= nil
local write = io and io.write
local exit = type(os.exit) == "function" and os.exit
if jit then print(jit.version) end
if io then io.write("x") end
if not io then print("none") else io.write("x") end
if io == nil then print("none") elseif debug then debug.traceback() end
if type(io) == "table" and io.write then io.write("x") end
if rawget(_G, "utf8") then utf8.char(1) end
if _G.utf8 then utf8.char(1) end
while package do package.loaded = nil end
local x = options.x or (jit and jit.version) or "none"
print(pack, load, bits, isJit, write, exit, x, type(setfenv))

function pre.create_snapshot()
  if not debug then return nil end
  return unpack(pack(debug.traceback()))
end

-- The use of a name that nobody asked for, or that is known not to be there.
if io then print(os.exit) end --> os.exit is not available in hooks: use reject to refuse a call, or error to fail
if not io then io.write("x") end --> io is not available in hooks: use log to write, and options for input
if type(io) < "table" then io.write("x") end --> io is not available in hooks: use log to write, and options for input
print(io) --> io is not available in hooks: use log to write, and options for input
local y = options.y or undefnd --> undefined global "undefnd"
if tostrng(1) then print(y) end --> undefined global "tostrng" (did you mean "tostring"?)
