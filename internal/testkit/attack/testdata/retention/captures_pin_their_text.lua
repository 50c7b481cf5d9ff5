-- expect: contained
-- as: hook
-- calls: 60
local kept = {}
function pre.attack()
  for i = 1, 8 do
    local s = ("x"):rep(2e6) .. #kept
    kept[#kept + 1] = s:match("%d+$")
    kept[#kept + 1] = select(3, s:find("(%d)$"))
    kept[#kept + 1] = s:gmatch("xx")()
    s:gsub("^(x)", function(c) kept[#kept + 1] = c end)
  end
end
