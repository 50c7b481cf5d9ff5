-- expect: killed|error
-- as: hook
-- change_args
function pre.attack(call)
  for i = 1, 1000 do
    local s = ("x"):rep(1e6) .. i
    pcall(function() call.args.extra["k" .. i] = s end)
    s = nil
  end
end
