-- expect: ok|killed|error
-- as: hook
-- uses: effects
-- calls: 3
-- timeout: 5s
function pre.attack()
  for i = 1, 50000 do pcall(state.set, i, {}) end
end
function post.attack()
  for key in state.each() do pcall(state.delete, key) end
end
