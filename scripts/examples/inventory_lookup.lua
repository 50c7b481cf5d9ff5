-- inventory_lookup.lua: a new share belongs to a cost center that the inventory knows.
--
-- That it knows one is remembered for an hour, so that most calls ask nobody. For one that it does not know, which it
-- says with the status 404, it is asked each time. Any other answer, or none, is a trouble of the inventory or of the
-- token, and not of the users: the log says so, and the share is made.
--
-- The config must let the hook reach the inventory: allow_http = ["cmdb.example.org"].
--
-- Options:
--   url    of the inventory, to which the cost center is added: 1 to 64 letters, digits, hyphens and underscores
--   token  for the inventory, to say who the service is: "${env:CMDB_TOKEN}"

for key in pairs(options) do
  if key ~= "url" and key ~= "token" then -- a typo would be a rule that is not there
    error(("unknown option %q: want url and token"):format(key))
  end
end

---@param center string
---@return boolean
local function known(center)
  if state.get("center/" .. center) then
    return true
  end
  local response, err = http.get(options.url .. center, {
    headers = { Authorization = "Bearer " .. options.token },
    timeout = 0.5,
  })
  if response and response.status == 200 then
    state.set("center/" .. center, true, { ttl = 3600 })
    return true
  elseif response and response.status == 404 then
    return false
  end
  log.warn("the inventory cannot be asked", { why = err and err.message or response.status })
  return true
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  local center = tostring(call.args.share.metadata.cost_center or "")
  if not re.match(center, "^[A-Za-z0-9_-]{1,64}$") or not known(center) then
    reject("want metadata cost_center that the inventory knows", "unknown_cost_center")
  end
end
