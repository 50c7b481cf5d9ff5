-- expect: killed
local T = {}
for i = 1, 1e6 do
  local t = {}
  t[524286] = 1
  T[i] = t
end
