-- expect: killed|error|ok
-- as: hook
-- uses: effects
-- timeout: 5s
-- what pre returns is kept for a crash
function pre.attack()
  state.set("a", 1)
  return {text = ("x"):rep(10e6)}
end
function post.attack() end
function failed() end
