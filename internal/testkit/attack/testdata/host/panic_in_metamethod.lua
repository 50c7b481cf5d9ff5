-- expect: contained
-- uses: luar
local t = setmetatable({}, { __index = function() return host:NilDeref() end, __tostring = host.Boom, __eq = host.Boom })
return pcall(function() return t.x end), pcall(tostring, t), pcall(table.sort, { 3, 2, 1 }, host.Boom), pcall(string.gsub, "abc", ".", host.Boom)
