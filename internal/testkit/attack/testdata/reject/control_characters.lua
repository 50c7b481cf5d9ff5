-- expect: rejected
-- as: hook
function pre.attack() reject("a\nb\0c\27[31m\255", "\n") end
