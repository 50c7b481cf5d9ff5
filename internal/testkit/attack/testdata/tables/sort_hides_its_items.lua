-- expect: killed|error | the order function empties the table; only the sort still has the items
local function hide(depth)
  local t = {}
  for i = 1, 20 do t[i] = ("x"):rep(1e6) .. i end
  table.sort(t, function()
    for i = 1, 20 do t[i] = nil end
    if depth < 50 then hide(depth + 1) end
    return false
  end)
end
hide(1)
