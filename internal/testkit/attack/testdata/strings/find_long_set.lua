-- expect: killed|contained | each byte against a set of a megabyte
return ("a"):rep(1e6):find("[" .. ("b"):rep(1e6) .. "]")
