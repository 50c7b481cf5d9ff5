-- expect: killed|error
return re.replace(("x"):rep(1e6), "x*", ("$0"):rep(1e4))
