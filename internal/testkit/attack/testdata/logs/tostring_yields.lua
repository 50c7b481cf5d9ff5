-- expect: true
local shy = setmetatable({}, { __tostring = function() coroutine.yield() return "never" end })
local loops = setmetatable({}, { __tostring = function() error(setmetatable({}, { __tostring = error })) end })
local co = coroutine.wrap(function() log.info(shy, shy) print(shy, loops) log.info(loops, loops) return "done" end)
return co() == "done"
