-- default_metadata.lua: new shares and snapshots carry the metadata that everybody should set and nobody does.
--
-- It changes what the driver gets, so the config must say change_args = true for it; without, it has no effect.
--
-- Options:
--   metadata  keys and values to add where a key is not set (default { managed_by = "hookrun" })
--   owner     the key that takes the id of the user who asked; false for none (default "requested_by")

local defaults = options.metadata or { managed_by = "hookrun" }
local owner = options.owner
if owner == nil then
  owner = "requested_by"
end

---@param metadata table<string, any>
---@param context hookrun.Context
---@return table added
local function complete(metadata, context)
  local added = {}
  for key, value in pairs(defaults) do
    if metadata[key] == nil then
      metadata[key] = value
      table.insert(added, key)
    end
  end
  if owner and metadata[owner] == nil and context.user_id then
    metadata[owner] = context.user_id
    table.insert(added, owner)
  end
  table.sort(added)
  return added
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  return { added = complete(call.args.share.metadata, call.context) }
end

---@param call hookrun.call.create_snapshot
function pre.create_snapshot(call)
  return { added = complete(call.args.snapshot.metadata, call.context) }
end
