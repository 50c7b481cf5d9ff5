-- expect: contained
-- as: hook
function post.attack(call, result)
  local seen = result.seen
  for round = 1, 4 do
    for i = 1, 25 do seen[("k"):rep(1e6) .. round .. i] = i end
    next(seen)
    for i = 1, 25 do seen[("k"):rep(1e6) .. round .. i] = nil end
  end
  local t = {}
  for i = 1, 40 do t[i] = ("x"):rep(1e6) .. i end
end
