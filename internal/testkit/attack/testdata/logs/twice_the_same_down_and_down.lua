-- expect: killed | 2^50 fields, none of which has a text
local p = {}
for i = 1, 50 do p = { a = p, b = p } end
while true do log.info("shared", p) end
