-- expect: ok|error
-- uses: effects
-- memory: 8
-- timeout: 10s
for i = 1, 80 do http.get("https://remote.example.org/large") end
