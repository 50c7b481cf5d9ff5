-- expect: ok|killed|error
-- uses: effects
-- calls: 5
-- timeout: 5s
-- as: hook
-- as many as there is room for, and kept
function pre.attack()
  round = (round or 0) + 1
  local i = 0
  repeat
    i = i + 1
  until i == 100000 or not pcall(state.set, ("%d-%d"):format(round, i), i)
end
