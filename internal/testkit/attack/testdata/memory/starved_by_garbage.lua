-- expect: killed
-- memory: 256
-- timeout: 4s
-- The heap falls each time the collector runs, while the script grows.
local all, long = {}, ("x"):rep(100000)
for i = 1, 1e9 do
  all[i] = { i, {}, "text" .. i }
  if i % 10 == 0 then local garbage = long .. i end
end
