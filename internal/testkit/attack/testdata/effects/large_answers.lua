-- expect: killed|error|ok
-- uses: effects
-- timeout: 5s
local all = {}
for i = 1, 500 do all[i] = http.get("https://remote.example.org/large") end
