-- expect: contained
-- as: hook
function pre.attack() end
function failed(call, err) for k, v in pairs(err) do pcall(function() err[k] = {} end) end pcall(setmetatable, err, {}) error(err) end
--8<-- second
function pre.attack() error({ message = ("\0\255"):rep(5e6), code = {} }) end
