-- expect: killed
-- as: hook
-- uses: effects
function pre.attack()
  state.set("mine", 1)
  while true do end
end
