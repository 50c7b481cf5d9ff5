-- expect: rejected
-- as: hook
function pre.attack() pcall(string.gsub, "abc", ".", function() reject("while replacing") end) end
