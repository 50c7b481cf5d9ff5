-- expect: killed
local fields = {}
for i = 1, 1000 do fields["k" .. i] = ("v"):rep(1000) end
while true do log.error("m", fields) end
