-- expect: killed|error
-- uses: effects
-- timeout: 5s
local all = {}
for i = 1, 100 do all[i] = http.get("https://remote.example.org/wide"):json() end
