-- expect: contained
return #(""):rep(1e15), #("x"):rep(-1e15), #("x"):rep(0)
