-- expect: contained
local mt = {}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
mt.__add = function(x, y) return x + y end mt.__unm = function(x) return -x end mt.__concat = function(x, y) return x .. y end
mt.__eq = function(x, y) return x == y end mt.__lt = function(x, y) return x < y end mt.__le = function(x, y) return x <= y end
mt.__len = function(x) return #x end mt.__tostring = function(x) return tostring(x) end
pcall(function() return a + b end) pcall(function() return -a end) pcall(function() return a .. b end) pcall(function() return a == b end)
pcall(function() return a < b end) pcall(function() return a <= b end) pcall(function() return #a end) pcall(tostring, a)
return true
