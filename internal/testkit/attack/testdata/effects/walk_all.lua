-- expect: killed|error|ok
-- as: hook
-- uses: effects
-- memory: 16
-- calls: 3
-- timeout: 5s
-- what one run writes, another reads at once
local value = ("x"):rep(30000)
function pre.attack()
  for i = 1, 200 do pcall(state.set, "k" .. i .. (n or 0), value) end
  n = (n or 0) + 1
end
function post.attack()
  local all = {}
  for key, value in state.each() do all[key] = value end
end
