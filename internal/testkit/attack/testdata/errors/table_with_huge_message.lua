-- expect: error
error({ message = ("x"):rep(2e7), code = ("y"):rep(1e7) })
