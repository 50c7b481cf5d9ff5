-- expect: error
error(("x"):rep(2e7))
