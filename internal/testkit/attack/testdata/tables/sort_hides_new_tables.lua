-- expect: killed|error
local function hide(depth)
  local t = {}
  for i = 1, 60000 do t[i] = { i } end
  table.sort(t, function()
    for i = #t, 1, -1 do t[i] = nil end
    if depth < 40 then hide(depth + 1) end
    error("enough")
  end)
end
pcall(hide, 1)
hide(1)
