-- expect: error
return require(("x"):rep(3e6))
