-- expect: contained
local t = { [5e7] = 1, [6e7] = 2, [67108862] = 3 }
return #t
