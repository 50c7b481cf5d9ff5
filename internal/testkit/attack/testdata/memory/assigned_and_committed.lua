-- expect: killed
-- as: hook
-- memory: 256
-- timeout: 5s
function post.attack(call, result)
  local list = {}
  for i = 1, 340000 do list[i] = { a = i } end
  result.seen.list = list
end
