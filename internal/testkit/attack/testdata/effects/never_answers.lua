-- expect: killed|error|ok
-- uses: effects
pcall(http.get, "https://remote.example.org/never")
pcall(http.get, "https://remote.example.org/never", {timeout = 1000})
for i = 1, 100 do pcall(http.get, "https://remote.example.org/late") end
while true do pcall(http.get, "https://remote.example.org/never", {timeout = 0.001}) end
