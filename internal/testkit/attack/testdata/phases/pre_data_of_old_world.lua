-- expect: contained | what was made before the globals were lost is used after
-- as: hook
-- calls: 5
local kept, count = {}, 0
local co = coroutine.wrap(function() while true do count = count + 1 coroutine.yield(count) end end)
function pre.attack(call)
  local last = kept
  for i = 1, 38 do kept[i] = ("x"):rep(1e6) .. i end
  return { f = function() count = count + 1 kept[1] = count return kept end, co = co, g = _G, r = require }
end
function post.attack(call, result)
  local p = call.pre
  if not p then return end
  pcall(p.f) pcall(p.co) pcall(function() p.g.evil = true p.g.pre.attack = nil end)
  pcall(p.r, "own")
  assert(evil == nil or p.g == _G)
end
--8<-- lib/own.lua
return { n = 1 }
