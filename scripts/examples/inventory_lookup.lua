-- inventory_lookup.lua: a new share belongs to a cost center that the inventory knows.
--
-- The answer is kept for an hour, so that most calls ask nobody. The config must let the hook reach the inventory:
-- allow_http = ["cmdb.example.org"], with options = { token = "${env:CMDB_TOKEN}" } for who the service is.
--
-- Options:
--   url    of the inventory, to which the cost center is added: letters, digits, hyphens and underscores
--   token  for the inventory

---@param center string
---@return boolean
local function known(center)
  local kept = state.get("center/" .. center)
  if kept ~= nil then
    return kept
  end
  local response, err = http.get(options.url .. center, {
    headers = { Authorization = "Bearer " .. options.token },
    timeout = 0.5,
  })
  if not response or response.status >= 500 then
    log.warn("the inventory cannot be asked", { why = err and err.message or response.status })
    return true -- the inventory's troubles are not the users'
  end
  state.set("center/" .. center, response.status == 200, { ttl = 3600 })
  return response.status == 200
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  local center = tostring(call.args.share.metadata.cost_center or "")
  if not re.match(center, "^[A-Za-z0-9_-]+$") or not known(center) then
    reject("want metadata cost_center that the inventory knows", "unknown_cost_center")
  end
end
