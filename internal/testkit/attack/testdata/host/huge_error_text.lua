-- expect: error
-- uses: luar
return host:FailWith(("x"):rep(2e7))
