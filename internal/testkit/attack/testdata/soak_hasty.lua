-- soak_hasty.lua: a hook that always runs into its timeout, in Lua or in a method of the host.
function pre.shrink_share()
  pcall(function() while true do end end)
end

function post.extend_share()
  host:Wait()
end
