-- expect: contained
local get
local co = coroutine.create(function() local secret = "own" get = function() return secret end error("dies") end)
coroutine.resume(co)
local function other() local a, b, c = "x", "y", "z" return get() end
return other() == "own"
