-- expect: contained | six bytes a byte
local s = ("\0"):rep(4e6)
local t = { s, s, s, s, s, s, s, s }
return #json.encode(t)
