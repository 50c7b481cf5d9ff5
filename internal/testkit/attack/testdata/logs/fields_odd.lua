-- expect: contained
for _, fields in ipairs { { 1, 2 }, { [1.5] = 1 }, { f = print }, { [{}] = 1 }, { n = 0/0 }, "x", 1, true, print, options, service, _G } do pcall(log.info, "m", fields) end
return pcall(log.info), pcall(log.info, nil), pcall(log.info, {}), pcall(log.info, print), pcall(log.debug, "\0\27[31m\n\r")
