-- expect: killed | ok
-- memory: 1024
-- timeout: 1500ms
-- calls: 2
-- What is returned just before the time is over has yet to be looked through.
local began, all = os.clock(), {}
for i = 1, 1e9 do
  all[i] = { {}, { i }, { x = i } }
  if i % 100 == 0 and os.clock() - began > 1.45 then return all end
end
