-- expect: killed|error
local s = ("x"):rep(4e6)
while true do crypto.unhex(crypto.hex(s)) crypto.unbase64(crypto.base64(s)) crypto.equal(s, s .. "") end
