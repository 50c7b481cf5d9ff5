-- expect: killed
-- memory: 512
-- timeout: 10s
-- Garbage and logs come again and again, while the script grows.
local all = {}
for i = 1, 1e9 do
  local t = {}
  for k = 1, 5 do t[k] = true end
  all[i] = t
  if i % 20000 == 0 then log.info("x") end
end
