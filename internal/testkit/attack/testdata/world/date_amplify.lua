-- expect: killed|error
local s = ("%c"):rep(1e6)
while true do os.date(s) end
