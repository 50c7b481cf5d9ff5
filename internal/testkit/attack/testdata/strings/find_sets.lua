-- expect: killed|error
return ("a"):rep(2e4):find(("[^%s%d%c%p]-"):rep(6) .. "[" .. ("b"):rep(1e5) .. "]")
