-- expect: true
for _, name in ipairs { "pre", "post", "failed", "options", "service", "log", "json", "print", "require", "reject", "null", "pcall", "error", "pairs", "next", "type" } do _G[name] = nil end
_G = nil
--8<-- victim
return type(log) == "table" and type(json) == "table" and pcall(type, 1) and next({}) == nil and type(_G) == "table" and options.name == "victim"
