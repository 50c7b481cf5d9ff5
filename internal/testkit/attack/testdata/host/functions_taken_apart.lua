-- expect: contained
-- uses: luar
-- as: hook
-- calls: 4
local kept = {}
function pre.attack()
  kept[#kept + 1] = host.Greet
  for i = 1, 50 do pcall(kept[1], host, ("x"):rep(1e6) .. i) end
  pcall(host.Runtime, host, 99) pcall(kept[1], kept[1]) pcall(pairs, host) pcall(next, host)
  pcall(table.sort, host) pcall(table.insert, host, 1) pcall(rawset, host, "Greet", 1) pcall(setmetatable, host, {})
  local co = coroutine.wrap(function() while true do coroutine.yield(host:Greet("x")) end end)
  co() kept[2] = co
end
function post.attack() pcall(kept[2]) pcall(function() return kept[1] == host.Greet end) end
