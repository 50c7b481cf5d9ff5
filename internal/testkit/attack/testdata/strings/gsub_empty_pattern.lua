-- expect: killed|error
local s = ("x"):rep(1e6)
return #(s:gsub("", ("y"):rep(1e4)))
