-- expect: contained
local s = ("\0"):rep(8e6)
return #("%q%q%q%q"):format(s, s, s, s)
