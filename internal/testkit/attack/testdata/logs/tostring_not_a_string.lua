-- expect: contained
for _, v in ipairs { 1, true, {}, print } do pcall(print, setmetatable({}, { __tostring = function() return v end })) pcall(log.info, setmetatable({}, { __tostring = function() return v end })) pcall(print, setmetatable({}, { __tostring = v })) end
return true
