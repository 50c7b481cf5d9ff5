-- expect: killed|error|ok
-- as: hook
-- uses: effects
-- timeout: 5s
function pre.attack()
  state.set("a", 1)
  local all = {}
  for i = 1, 200000 do all[i] = {} end
  return all
end
function post.attack() end
function failed() end
