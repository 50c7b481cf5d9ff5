-- expect: killed | only the call frames have the functions that run, and what these hold
local hide
local function made(n)
  local a, b, c = ("x"):rep(9e6), ("y"):rep(9e6), ("z"):rep(9e6)
  return function(self)
    setmetatable(self, nil)
    if n > 0 then hide(n - 1) end
    return #a + #b + #c
  end
end
function hide(n)
  local t = setmetatable({}, { __call = made(n) })
  local r = t()
  return r
end
hide(40)
