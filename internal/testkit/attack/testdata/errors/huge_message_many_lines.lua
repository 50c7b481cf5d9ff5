-- expect: error
error(("line\n"):rep(1e6))
