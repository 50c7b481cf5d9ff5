-- expect: killed
-- memory: 1024
-- timeout: 1500ms
-- calls: 2
all = all or {}
for i = 1, 1e9 do all[i] = { {}, { i }, { x = i } } end
