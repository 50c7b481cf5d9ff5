-- expect: ok
-- as: hook
-- calls: 3
function pre.attack()
  pre = { attack = function() while true do end end }
  post = function() while true do end end
end
function post.attack() end
