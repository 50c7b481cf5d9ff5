-- expect: killed|error
-- as: hook
function post.attack(call, result)
  for i = 1, 50 do result.seen["k" .. i] = ("x"):rep(1e6) .. i end
  call, result = nil, nil
  local t = {}
  for i = 1, 50 do t[i] = ("x"):rep(1e6) .. i end
end
