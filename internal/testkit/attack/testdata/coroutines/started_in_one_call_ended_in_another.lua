-- expect: contained
-- as: hook
-- calls: 20
local co
function pre.attack(call)
  co = co and coroutine.status(co) ~= "dead" and co or coroutine.create(function(c)
    while true do
      local t = {}
      for i = 1, 5 do t[i] = ("x"):rep(1e6) .. i end
      c = coroutine.yield(c)
      pcall(function() return c.args.items[1].name end)
    end
  end)
  coroutine.resume(co, call)
end
function post.attack(call, result) coroutine.resume(co, result) end
