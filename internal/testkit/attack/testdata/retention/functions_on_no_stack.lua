-- expect: killed | only the call frames of coroutines have their functions
-- as: hook
-- calls: 20
local kept = {}
local function made()
  local a, b = ("x"):rep(3e6), ("y"):rep(3e6)
  return function(self)
    setmetatable(self, nil)
    coroutine.yield()
    return #a + #b
  end
end
function pre.attack()
  local co = coroutine.create(function() local n = setmetatable({}, { __call = made() })() return n end)
  coroutine.resume(co)
  kept[#kept + 1] = co
end
