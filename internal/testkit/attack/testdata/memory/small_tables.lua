-- expect: killed
-- A table that had one key keeps room for many.
local all = {}
for i = 1, 1e9 do
  local t = {}
  t.x = true
  t.x = nil
  all[i] = t
end
