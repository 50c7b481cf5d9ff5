-- expect: contained
local loop = function() while true do end end
for _, v in ipairs { 0/0, 1/0, print, coroutine.create(function() end), { [{}] = 1 }, { [1.5] = 1 }, { [true] = 1 }, { 1, nil, 3 }, { [1e15] = 1 }, { [-1] = 1 }, "\255\254", setmetatable({}, { __tostring = loop, __index = loop, __len = loop, __jsontype = "array" }), null, _G, options, service } do
  pcall(json.encode, v)
end
return true
