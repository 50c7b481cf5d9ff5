-- expect: killed
-- Maps of all sizes just past a doubling, and empty again.
local all = {}
for i = 1, 1e9 do
  local t = {}
  local n = ({ 9, 15, 57, 113, 225, 449, 897, 1793 })[i % 8 + 1]
  for k = 1, n do t["k" .. k] = k end
  for k = 1, n do t["k" .. k] = nil end
  all[i] = t
end
