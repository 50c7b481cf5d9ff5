-- expect: ok|killed|error
-- as: hook
-- uses: effects
-- memory: 16
-- calls: 12
-- timeout: 5s
-- a state grows over many calls, each of which then changes a key here and there
function pre.attack()
  round = (round or 0) + 1
  for i = 1, 8000 do pcall(state.set, ("%d-%d"):format(i, round), i) end
end
function post.attack()
  for i = 1, 8000, 50 do pcall(state.incr, ("%d-%d"):format(i, round)) end
end
