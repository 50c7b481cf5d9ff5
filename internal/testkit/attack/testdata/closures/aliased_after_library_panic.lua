-- expect: true
local peek, poke
local function mk()
  local slot = "own"
  peek = function() return slot end poke = function(v) slot = v end
  string.rep("x", 1, 2, 3) table.concat({ {} })
end
pcall(mk)
poke("POKED")
--8<-- victim
local a, b, c, d, e, f = "a", "b", "c", "d", "e", "f"
local function work(x) return x end
return work(a) .. b .. c .. d .. e .. f == "abcdef"
