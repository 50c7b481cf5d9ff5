-- expect: contained
-- as: hook
-- calls: 3
local caught
function pre.attack(call)
  if caught then pcall(error, caught) pcall(function() return caught.size end) log.info("m", { ok = pcall(tostring, caught) }) end
  local ok, e = pcall(error, call.args) caught = e
end
