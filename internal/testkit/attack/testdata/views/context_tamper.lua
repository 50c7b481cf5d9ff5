-- expect: ok
-- as: hook
function pre.attack(call)
  for _, field in ipairs { "id", "service", "method", "phase", "context", "pre", "generation", "dry_run", "args", "new" } do
    assert(not pcall(function() call[field] = "evil" end), field)
    assert(not pcall(rawset, call, field, "evil"), field)
  end
end
function failed(call, err) assert(not pcall(function() err.message = "evil" end)) end
