local M = {}
for _, name in ipairs({ "whatever" }) do M[name] = print end
return M
