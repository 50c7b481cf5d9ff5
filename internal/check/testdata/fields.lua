-- Fields along the paths of a method's args and result.

function pre.create_share_instance(call)
  print(call.share.size) --> call.share: no such field (did you mean "args.share"?)
  print(call.args.share.size, call.args.share.szie) --> call.args.share.szie: no such field (did you mean "size"?)
  local share = call.args.share
  print(share.name, share.nmae, share["nmae"]) --> share.nmae: no such field (did you mean "name"?) --> share.nmae: no such field (did you mean "name"?)
  share.metadata.anything = share.metadata.anything or "x"
  share.anything = 1 --> share.anything: no such field
  print(share.size.gib) --> share.size.gib: share.size is a number
  print(share.created_at:sub(1, 10))
  print(share:delete()) --> share.delete: no such field
  local snapshot = call.args.snapshot
  if snapshot and snapshot.share.sise > 1 then --> snapshot.share.sise: no such field (did you mean "size"?)
    print(snapshot.id)
  end
  local parent = call.args.parent_share or {}
  print(parent.id, parent.idd) --> parent.idd: no such field (did you mean "id"?)
  local either = call.args.parent_share or { idd = 1 }
  print(either.idd)
  print(call.args.share_server.backend_details.anything.at.all)
end

function post.create_share_instance(call, result)
  print(result.export_location[1].path) --> result.export_location: no such field (did you mean "export_locations"?)
  print(result.export_locations[1].pth) --> result.export_locations[1].pth: no such field (did you mean "path"?)
  print(result.export_locations.path) --> result.export_locations.path: result.export_locations is a list: want an index
  for i, location in ipairs(result.export_locations) do
    location.path = location.path:gsub("^a", "b")
    location.prefered = i == 1 --> location.prefered: no such field (did you mean "preferred"?)
  end
  for _, location in pairs(result.export_locations or {}) do
    print(location.is_admin) --> location.is_admin: no such field (did you mean "is_admin_only"?)
  end
  for key, value in pairs(result) do
    print(key:upper(), value.anything)
  end
  print(call.args.share.szie) --> call.args.share.szie: no such field (did you mean "size"?)
end

-- A variable that is assigned again may hold anything.
function pre.extend_share(call)
  local share = call.args.share
  local other = call.args.share
  share = { anything = 1 }
  print(share.anything, other.anything) --> other.anything: no such field
end

function pre.shrink_share(call)
  call = call or {}
  print(call.anything)
end

-- So may what comes from a function.
local function first(list)
  return list[1]
end

function post.manage_share(_, result)
  print(first(result.export_locations).anything)
  local read = function(location) return location.anything end
  print(read(result.export_locations[1]))
end

function periodic(shares, tick)
  for _, share in ipairs(shares) do
    print(share.size + tick, share.metadata.used_bytes, share.access_rules[1].access_too) --> share.access_rules[1].access_too: no such field (did you mean "access_to"?)
    share.size_gb = 1 --> share.size_gb: no such field (did you mean "size"?)
  end
  print(shares.count, #shares) --> shares.count: shares is a list: want an index
end
