-- expect: contained | the outcome is read only, whatever the way to it
-- as: hook
function finally(call, outcome)
  local r = outcome.result
  for _, f in ipairs({
    function() outcome.status = "x" end, function() rawset(outcome, "status", "x") end, function() outcome.result = nil end,
    function() r.echo.id = "hacked" end, function() table.insert(r.echo.items, {}) end, function() r.echo.words[1] = "hacked" end,
    function() table.sort(r.echo.words, function(a, b) return a > b end) end, function() r.echo.extra.new = {} end,
    function() setmetatable(r, {}) end, function() r.echo.items[1].meta.n = 5 end,
  }) do pcall(f) end
  while true do pcall(json.encode, outcome) end
end
