-- expect: killed|error
local s = ("x"):rep(1e5)
return #s:gsub("(.*)", ("%1"):rep(5000))
