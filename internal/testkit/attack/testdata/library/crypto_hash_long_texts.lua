-- expect: killed
local s = ("x"):rep(15e6)
while true do crypto.hmac_sha256(s, s) end
