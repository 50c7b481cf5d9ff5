-- expect: error
-- uses: effects
http.get("https://remote.example.org/deep"):json()
