-- expect: killed | by every way in which what is shared might be copied
-- as: hook
function post.attack(call, result)
  result.seen.t = {}
  local t = result.seen.t
  for i = 1, 50 do t.a = {} t.b = t.a t = t.a end
end
