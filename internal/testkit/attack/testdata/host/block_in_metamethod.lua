-- expect: contained
-- uses: luar
return tostring(setmetatable({}, { __tostring = function() return host:Block() end }))
