-- expect: killed|ok|error
-- uses: effects
-- timeout: 5s
-- one key again and again is one change
local value = ("x"):rep(60000)
for i = 1, 3000 do state.set("key", value) end
