-- Tables written out where a record is wanted.

function post.create_share_instance(call, result)
  table.insert(result.export_locations, { path = "a", prefered = true }) --> result.export_locations[...].prefered: no such field (did you mean "preferred"?)
  result.export_locations[1] = {
    path = "b",
    is_admin = false, --> result.export_locations[1].is_admin: no such field (did you mean "is_admin_only"?)
    metadata = { anything = 1 },
  }
  result.export_locations = { { path = "c" }, { pth = "d" } } --> result.export_locations[...].pth: no such field (did you mean "path"?)
  local list = result.export_locations
  list[#list + 1] = { paht = "e" } --> list[...].paht: no such field (did you mean "path"?)
  list:insert({ path = "f" }) --> list.insert: list is a list: use table.insert
end

function post.create_snapshot(call, result)
  local function build()
    return { anything = 1 }
  end
  if call.pre then
    return build()
  end
  return { provider_locaton = "x", size = result.size } --> result.provider_locaton: no such field (did you mean "provider_location"?)
end

function pre.create_snapshot(call)
  return { anything = call.id }
end

function post.create_share_group()
  return { anything = 1 }
end
