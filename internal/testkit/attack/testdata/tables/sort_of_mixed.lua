-- expect: contained
return pcall(table.sort, { 1, "x", {}, print, true }), pcall(table.sort, { 1, "x" }, nil), pcall(table.sort, { 1, 2 }, 1), pcall(table.sort, setmetatable({ {}, {} }, { __lt = print }))
