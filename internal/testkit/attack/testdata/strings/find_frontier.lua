-- expect: killed|contained
return ("ab "):rep(3e5):find("%f[%w].-%f[%W].-%f[%w].-%f[%W].-%f[%w].-zzz")
