-- expect: true
-- as: hook
-- calls: 2
function pre.attack()
  local slot = "own"
  poke = poke or function(v) slot = v end
  poke("POKED")
  local ok = pcall(function() local a, b, c = 1, 2, 3 error("x") end)
  return true
end
--8<-- victim
function pre.attack()
  local a, b, c = "a", "b", "c"
  local function work(x) return x end
  return work(a) .. b .. c == "abc"
end
