-- expect: reject|contained
local function f() return ... end
