-- expect: killed
return ("(()"):rep(1e5):find("%b()%b()%b()%b()")
