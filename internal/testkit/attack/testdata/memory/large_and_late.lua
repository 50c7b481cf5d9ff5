-- expect: killed
-- memory: 1024
-- timeout: 1500ms
-- A gibibyte in small pieces takes longer to look through than a run may be late.
local all = {}
for i = 1, 1e9 do all[i] = { {}, { i }, { x = i } } end
