-- expect: killed
-- memory: 1024
-- timeout: 1500ms
-- calls: 2
-- Each function holds the one before it: what looks through them meets one after the other, and never many of one table.
for i = 1, 1e9 do local before = chain chain = function() return before, { i } end end
