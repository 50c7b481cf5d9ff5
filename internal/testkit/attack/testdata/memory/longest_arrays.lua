-- expect: killed
-- memory: 128
-- timeout: 5s
-- Arrays are as large as they ever were.
local all = {}
for i = 1, 1e9 do
  local t = {}
  for k = 1, 1000 do t[k] = true end
  for k = 1000, 1, -1 do t[k] = nil end
  all[i] = t
end
