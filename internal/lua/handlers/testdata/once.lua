-- Nothing is lost here.
pre = {}
function pre.a() end
pre.b = function() end
pre.a = logged(pre.a)

local old = pre.b
function pre.b(call) return old(call) end

if options.strict then
  function post.a() end
elseif options.lax then
  post.a = function() end
else
  post = function() end
end

local handlers = {}
failed = handlers
function failed.a() end

do
  local finally = {}
  function finally.a() end
  function finally.a() end
  local pre = function() end
  pre = nil
end
function finally() end
finally = nil
finally = function() end

for _, name in ipairs { "c", "d" } do
  pre[name] = function() end
end
function pre.e() end
for name, fn in pairs(pre) do pre[name] = timed(fn) end
pre.e = nil
pre.e = function() end

local function install()
  function pre.f() end
end
function pre.f() end
if not pre.f then pre.f = function() end end
function string:trim() end
function helper() end
function helper() end
