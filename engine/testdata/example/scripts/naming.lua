-- naming.lua: one name is taken, and every name ends in the service's.
function pre.create_volume(call)
  if call.args.name == "root" then
    reject("the name root is taken", "taken")
  end
end

function post.create_volume(call, result)
  result.name = result.name .. "-" .. call.service
end
