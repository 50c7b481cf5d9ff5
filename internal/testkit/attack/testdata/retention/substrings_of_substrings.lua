-- expect: killed | each half is not worth a copy, but a byte of a megabyte must not keep it
-- as: hook
-- calls: 60
local kept = {}
function pre.attack()
  for i = 1, 8 do
    local s = ("x"):rep(2 ^ 21 - 10) .. #kept
    while #s > 4 do s = s:sub(1, math.ceil(#s / 2)) end
    kept[#kept + 1] = s
  end
  if #kept > 300 then while true do end end
end
