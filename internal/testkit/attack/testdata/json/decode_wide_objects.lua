-- expect: killed|contained
return #json.decode("[" .. ('{"a":1},'):rep(4e5) .. "{}]")
