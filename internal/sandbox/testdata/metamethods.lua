-- Metamethods that are tables which can be called, as in Lua 5.1.

local function callable(f) return setmetatable({}, { __call = function(_, ...) return f(...) end }) end
local mt = {}
for _, event in ipairs{ "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__concat" } do
  mt[event] = callable(function(a, b) return event .. type(a) .. type(b) end)
end
mt.__unm = callable(function(a) return a.name end)
mt.__eq = callable(function(a, b) return a.name == b.name end)
mt.__lt = callable(function(a, b) return a.name < b.name end)
mt.__le = callable(function(a, b) return a.name <= b.name end)
mt.__len = callable(function() return 42 end)
mt.__tostring = callable(function(a) return "<" .. a.name .. ">" end)
local function new(name) return setmetatable({ name = name }, mt) end

local function all()
  local a, b, same = new("a"), new("b"), new("a")
  assert(a + 1 == "__addtablenumber" and 1 - a == "__subnumbertable" and a * b == "__multabletable" and a / "x" == "__divtablestring")
  assert(a % 2 == "__modtablenumber" and a ^ 2 == "__powtablenumber" and a .. "x" == "__concattablestring" and "x" .. a == "__concatstringtable")
  assert(-a == "a" and #a == 42 and tostring(a) == "<a>" and ("%s"):format(a) == "<a>")
  assert(a == same and a ~= b and a < b and a <= same and b > a and b >= a and not (a > b))
  local list = { new("c"), new("a"), new("b") }
  table.sort(list)
  assert(list[1].name .. list[2].name .. list[3].name == "abc")
end
all()
coroutine.wrap(all)()
assert(pcall(all))

-- The metatable is the script's own: a field that is assigned later counts, and one that is no function is an error.
local own = {}
local o = setmetatable({}, own)
own.__add = callable(function() return "later" end)
assert(getmetatable(o) == own and o + o == "later")
own.__add = 5
local x = o + 1  --> attempt to call a number value
own.__lt = {}
x = o < setmetatable({}, own)  --> attempt to call a table value

-- As in Lua 5.1, a callable table as __index or __newindex is indexed, and one as __call is an error.
local indexed = setmetatable({}, { __index = setmetatable({ x = 1 }, { __call = error }) })
assert(indexed.x == 1 and indexed.y == nil)
setmetatable({}, { __call = callable(print) })()  --> attempt to call a table value

-- Metamethods are called by the function that uses the operator: error counts levels like that.
local level
local function here() error("here", level) end
local raising = setmetatable({}, { __concat = here, __add = here })
local function added() return raising + 1 end
local function joined() return "a" .. "b" .. raising end
local function where(f)
  local lines = {}
  for i = 0, 4 do
    level = i
    local _, message = pcall(function()
      local x = f()
      return x
    end)
    lines[#lines + 1] = message:match(":(%d+): here$") or "-"
  end
  return table.concat(lines, " ")
end
assert(where(added) == "- 47 49 56 -", where(added))
assert(where(joined) == "- 47 50 56 -", where(joined))
