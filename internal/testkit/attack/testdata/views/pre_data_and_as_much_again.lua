-- expect: killed|error | what a pre handed over counts in its post
-- as: hook
function pre.attack() local t = {} for i = 1, 30 do t[i] = ("x"):rep(1e6) .. i end return t end
function post.attack(call)
  local t = {}
  for i = 1, 55 do t[i] = ("x"):rep(1e6) .. i end
end
