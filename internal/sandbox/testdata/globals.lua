-- What a script finds when it begins.

assert(_G.assert == assert and _G._G == _G)
assert(_VERSION == "Lua 5.1")

for _, name in ipairs{"assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal",
  "rawget", "rawset", "reject", "require", "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall"} do
  assert(type(_G[name]) == "function", name)
end

for _, name in ipairs{"bit", "cidr", "coroutine", "crypto", "json", "log", "math", "os", "string", "table", "time", "options", "service"} do
  assert(type(_G[name]) == "table", name)
end

-- The phases are empty tables, so that functions can be put into them at once.
for _, phase in ipairs{"pre", "post", "failed"} do
  assert(type(_G[phase]) == "table" and next(_G[phase]) == nil, phase)
end
assert(pre ~= post and post ~= failed)
function pre.create_share() end
assert(type(pre.create_share) == "function")
assert(periodic == nil)

-- Of os, only what tells the time.
assert(type(os.time()) == "number" and os.time{year = 2001, month = 2, day = 3, hour = 4} > 981000000)
assert(os.difftime(5, 3) == 2)
assert(type(os.clock()) == "number")
assert(os.date("!%Y-%m-%d", 0) == "1970-01-01")

-- An unknown global is nil, as everywhere in Lua; using it is an error at that line.
assert(something == nil)
something.else_()  --> attempt to index global 'something' (a nil value)
something()        --> attempt to call global 'something' (a nil value)

-- A global that is assigned is there, also through _G and rawset.
something = 1
assert(_G.something == 1)
_G.other = 2
assert(other == 2)
rawset(_G, "third", 3)
assert(third == 3)

-- Globals may be overwritten: they are the script's own.
local real = tostring
function tostring() return "mine" end
assert(tostring(1) == "mine")
tostring = real

-- Nothing that shows the machine below.
assert(_printregs == nil and _GOPHER_LUA_VERSION == nil and string.__index == nil)

-- A strict mode, as scripts write it, works on the environment.
setmetatable(_G, {
  __index = function(_, name) error("undefined variable " .. name, 2) end,
  __newindex = function(t, name, v) rawset(t, name, v) end,
})
local x = tpyo  --> undefined variable tpyo
setmetatable(_G, nil)
assert(tpyo == nil)
