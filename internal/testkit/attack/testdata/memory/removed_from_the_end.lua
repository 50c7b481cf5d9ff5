-- expect: killed
-- What is removed from the end of an array stays in its room.
local all, long = {}, ("x"):rep(10000)
for i = 1, 1e9 do
  local t = {}
  for k = 1, 20 do table.insert(t, long .. k .. i) end
  while #t > 0 do table.remove(t) end
  all[i] = t
end
