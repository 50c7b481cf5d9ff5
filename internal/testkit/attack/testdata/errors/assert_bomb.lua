-- expect: error
assert(false, ("x"):rep(2e7))
