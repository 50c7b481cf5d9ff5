-- expect: contained | a closure keeps the whole thread that it was made in
-- as: hook
-- calls: 40
local kept = {}
function pre.attack()
  for i = 1, 30 do
    kept[#kept + 1] = coroutine.wrap(function(...)
      local x = i
      local f = function() return x end
      coroutine.yield(f)
    end)(unpack({}, 1, 5000))
  end
end
