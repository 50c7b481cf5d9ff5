-- protect_snapshots.lua: protected snapshots cannot be deleted.
--
-- A snapshot is protected while its metadata says so:
--   protected   true, or the text "true" in any case
--   keep_until  a date such as "2030-12-31" (UTC), that day included; what cannot be read as one protects it as well
--
-- Nor is a share deleted with its snapshots, which is what force does: the call does not say which it has. Those that
-- are not protected can be deleted first, one by one.
--
-- Options:
--   admins_may_force  whether an admin deletes one anyway with force (default false)
--
-- A refused call ends with the code "snapshot_protected".

for key in pairs(options) do
  if key ~= "admins_may_force" then -- a typo would be a rule that is not there
    error(("unknown option %q: want admins_may_force"):format(key))
  end
end
local admins_may_force = options.admins_may_force == true

---@param snapshot hookrun.Snapshot
---@return string? why nil when it is not protected
local function protection(snapshot)
  local metadata = snapshot.metadata
  if tostring(metadata.protected):lower() == "true" then
    return "is protected"
  end
  local keep_until = metadata.keep_until
  if keep_until == nil then
    return
  end
  local day = time.parse(tostring(keep_until), "%Y-%m-%d")
  if not day then
    return ("is kept: keep_until is no date such as 2030-12-31, but %q"):format(tostring(keep_until))
  elseif time.now() < day + 24 * 3600 then
    return "is kept until " .. keep_until
  end
end

---Refuses a call, unless it is one of an admin who may force it.
---@param call hookrun.call.delete_snapshot|hookrun.call.delete_share_instance
---@param what string
local function refuse(call, what)
  if not (admins_may_force and call.args.force and call.context.is_admin) then
    reject(what, "snapshot_protected")
  end
end

---@param call hookrun.call.delete_snapshot
function pre.delete_snapshot(call)
  local snapshot = call.args.snapshot
  local why = protection(snapshot)
  if why then
    refuse(call, ("snapshot %s %s"):format(snapshot.id, why))
    log.warn("an admin deletes a protected snapshot", { snapshot = snapshot.id, why = why })
  end
end

---@param call hookrun.call.delete_share_instance
function pre.delete_share_instance(call)
  local share = call.args.share
  if call.args.force then
    refuse(call, ("share %s may have protected snapshots, which force would delete with it"):format(share.id))
    log.warn("an admin deletes a share with its snapshots", { share = share.id })
  end
end
