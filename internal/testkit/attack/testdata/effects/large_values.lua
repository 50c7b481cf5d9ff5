-- expect: killed|error|ok
-- as: hook
-- uses: effects
-- calls: 5
-- timeout: 5s
local value = ("x"):rep(60000)
function pre.attack()
  round = (round or 0) + 1
  for i = 1, 300 do
    if not pcall(state.set, i, value .. round) then break end
  end
end
function post.attack()
  for key, value in state.each() do last = value end
end
