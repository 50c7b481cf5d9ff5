-- expect: killed
-- The function of a replace replaces, fails and yields within others, each with a matcher at work before and after it.
local function f(w)
  pcall(re.replace, w, ".", error)
  for _ in re.gmatch(w, "(?P<c>.)") do pcall(re.match, w, ("a?"):rep(2000)) end
  return (re.replace(w, "..", f)) .. w
end
while true do pcall(re.replace, ("ab"):rep(50), "....", coroutine.wrap(function(w) while true do w = coroutine.yield(f(w)) end end)) end
