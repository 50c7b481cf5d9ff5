-- protect_snapshots.lua: protected snapshots cannot be deleted.
--
-- A snapshot is protected while its metadata says so:
--   protected   "true" or true
--   keep_until  a date such as "2030-12-31" (UTC), that day included
--
-- Options:
--   admins_may_force  whether an admin deletes one anyway with force (default false)
--
-- A refused call ends with the code "snapshot_protected".

local admins_may_force = options.admins_may_force == true

---@param snapshot hookrun.Snapshot
---@return string? why nil when it is not protected
local function protection(snapshot)
  local metadata = snapshot.metadata
  if metadata.protected == true or metadata.protected == "true" then
    return "is protected"
  end
  local keep_until = metadata.keep_until
  -- Dates in this form are in order when their text is.
  if type(keep_until) == "string" and keep_until >= os.date("!%Y-%m-%d") then
    return "is kept until " .. keep_until
  end
end

---@param call hookrun.call.delete_snapshot
function pre.delete_snapshot(call)
  local snapshot = call.args.snapshot
  local why = protection(snapshot)
  if not why then
    return
  end
  if admins_may_force and call.args.force and call.context.is_admin then
    log.warn("an admin deletes a protected snapshot", { snapshot = snapshot.id, why = why })
    return
  end
  reject(("snapshot %s %s"):format(snapshot.id, why), "snapshot_protected")
end
