-- expect: contained
local s = ("x"):rep(1e6)
return pcall(string.byte, s, 1, -1), pcall(function() return string.char(s:byte(1, 5000)) end), pcall(string.char, unpack({}, 1, 1e6))
