-- expect: contained
-- as: hook
-- calls: 3
local kept = {}
function finally(call, outcome)
  kept[#kept + 1] = outcome
  for _, o in ipairs(kept) do
    for k in pairs(outcome) do pcall(function() o[k] = {} end) pcall(rawset, o, k, 1) end
    pcall(function() o.result.echo.size = 99 o.result.echo.extra.x = o end)
    pcall(function() table.insert(o.result.seen, o) end)
  end
  pcall(setmetatable, outcome, {})
  log.warn(outcome, outcome)
  reject(outcome.status)
end
