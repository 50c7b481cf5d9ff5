-- expect: contained
-- uses: luar
for _, self in ipairs { {}, "x", 1, true, print, options, service, null, _G, setmetatable({}, getmetatable(host) or {}) } do pcall(host.Greet, self, "x") pcall(host.Boom, self) pcall(host.Greet, self) end
return true
