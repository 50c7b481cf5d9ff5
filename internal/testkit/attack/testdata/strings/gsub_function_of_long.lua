-- expect: killed|error
local long = ("x"):rep(1e6)
return #(("a"):rep(1e5):gsub("a", function() return long end))
