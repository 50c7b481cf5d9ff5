-- expect: killed | what closures saw stays theirs, however the call that made them ended
-- as: hook
-- calls: 13
store, calls = {}, 0
function pre.attack()
  calls = calls + 1
  local n, secret = calls, "s" .. calls
  for i, get in ipairs(store) do
    local a, s = get()
    assert(a == i and s == "s" .. i, "another's variable")
  end
  local function f(a)
    local z = secret
    store[#store + 1] = function() return a, z end
    if n % 4 == 0 then error("x") elseif n % 4 == 2 then local function r() return r() + 1 end r() elseif n % 4 == 3 then local t = nil t.x.y = 1 end
    while true do end
  end
  if n % 4 == 1 then f(n) end
  pcall(coroutine.wrap(f), n)
end
