-- expect: killed
-- A key that was deleted and set again is there twice.
local all, long = {}, ("x"):rep(1000)
for i = 1, 1e9 do
  all[long .. i] = true
  all[long .. i] = nil
  all[long .. i] = true
end
