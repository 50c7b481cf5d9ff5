-- expect: killed|error
-- uses: effects
-- timeout: 5s
for i = 1, 1e6 do state.set("key " .. i, i) end
