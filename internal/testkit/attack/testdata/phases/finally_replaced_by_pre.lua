-- expect: ok | the handlers are those that the hook was loaded with
-- as: hook
-- calls: 3
function pre.attack()
  finally = function() while true do end end
  pre.attack, post.attack = nil, function() error("never called") end
end
function finally() end
