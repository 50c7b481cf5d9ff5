-- capacity_alert.lua: one event when a back end gets full, and one when it has room again.
--
-- It stands before hooks that publish another capacity than there is, such as overcommit.lua: it would see theirs.
--
-- Options:
--   full_percent  used capacity at which the alert is raised (default 90)
--   room_percent  used capacity at which it is taken back (default 80): in between nothing changes, so that a back end
--                 at the edge does not raise an alert every minute

local full, room = options.full_percent or 90, options.room_percent or 80

---@param call hookrun.call.publish_service_capabilities
---@param result hookrun.result.publish_service_capabilities
function post.publish_service_capabilities(call, result)
  local found = result.capabilities
  local total = found.total_capacity_gb
  if total <= 0 then
    return
  end
  local percent = 100 * (total - found.free_capacity_gb) / total
  local raised = state.get("raised", false)
  local now = percent >= full or raised and percent > room
  if now ~= raised then
    state.set("raised", now)
    events.publish(now and "capacity.full" or "capacity.available", { percent = math.floor(percent) }, {
      subject = found.share_backend_name ~= "" and found.share_backend_name or service.name,
    })
  end
end
