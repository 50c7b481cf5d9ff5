-- expect: killed
local function build(n) local a = { n } return function() return build(n + 1), a end end
local f = build(1)
local keep = {}
while true do f = f() keep[#keep + 1] = f end
