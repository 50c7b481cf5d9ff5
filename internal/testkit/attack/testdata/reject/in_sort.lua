-- expect: rejected
-- as: hook
function pre.attack() pcall(table.sort, { 3, 2, 1 }, function() reject("while sorting") end) end
