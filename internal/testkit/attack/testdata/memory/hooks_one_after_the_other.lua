-- expect: ok
-- as: hook
-- timeout: 3s
-- Each holds nearly all that it may, and lets go of it.
function pre() local t = {} for i = 1, 300000 do t[i] = { i, i, i, i } end end
--8<-- second
function pre() local t = {} for i = 1, 300000 do t[i] = { i, i, i, i } end end
--8<-- third
function pre() local t = {} for i = 1, 300000 do t[i] = { i, i, i, i } end end
--8<-- fourth
function pre() local t = {} for i = 1, 300000 do t[i] = { i, i, i, i } end end
