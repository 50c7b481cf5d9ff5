-- expect: killed|error
-- uses: effects
-- timeout: 5s
for i = 1, 1e6 do state.set("key " .. i, i, {ttl = 0.001}) end
