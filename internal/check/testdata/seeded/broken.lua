-- broken.lua: no Lua.
function pre.init_host(call)
  if call.id != nil then --> syntax
    return 1
  end
end
