-- expect: killed
-- as: hook
function pre.attack()
  local ok = pcall(function() while true do end end)
  reject("stopped before")
end
