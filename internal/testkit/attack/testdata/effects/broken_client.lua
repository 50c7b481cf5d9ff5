-- expect: contained
-- uses: effects
pcall(http.get, "https://remote.example.org/nothing")
pcall(pcall, http.get, "https://remote.example.org/panic")
return http.get("https://remote.example.org/panic")
