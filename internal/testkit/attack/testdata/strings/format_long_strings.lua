-- expect: killed|error
local s = ("x"):rep(1e6)
return #(("%s"):rep(200)):format(unpack((function() local t = {} for i = 1, 200 do t[i] = s end return t end)()))
