-- expect: contained
for _, v in ipairs { {}, print, true, 0/0 } do pcall(reject, v) pcall(reject, v, v) end
return pcall(reject)
