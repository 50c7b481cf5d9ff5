-- access_allowlist.lua: only clients of known networks get access to shares.
--
-- Options:
--   networks  in CIDR form, of IPv4 or IPv6, within which a rule must lie (default the private ones, as below)
--   exact     other clients that are let in just as they are written: users, certificates (default none)
--
-- A refused call ends with the code "access_denied". Taking access away is never refused.

for key in pairs(options) do
  if key ~= "networks" and key ~= "exact" then -- a typo would be a rule that is not there
    error(("unknown option %q: want networks and exact"):format(key))
  end
end
local networks = options.networks or { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }
for _, network in ipairs(networks) do
  cidr.parse(network) -- one that cannot be read stops the script from loading: a typo must not open or close a door
end
local exact = {}
for _, client in ipairs(options.exact or {}) do
  exact[client] = true
end

---@param client string
local function is_within(client)
  for _, network in ipairs(networks) do
    if cidr.contains(network, client) then
      return true
    end
  end
end

---@param call hookrun.call.allow_access
function pre.allow_access(call)
  local access = call.args.access
  local kind, client = access.access_type, access.access_to
  if kind ~= "ip" and not exact[client] then
    reject(("access type %q is allowed for listed clients only"):format(kind), "access_denied")
  elseif not exact[client] and not cidr.valid(client) then
    reject(("%q: want an address, or a network such as 10.0.0.0/8"):format(client), "access_denied")
  elseif not exact[client] and not is_within(client) then
    reject(client .. " is in none of the allowed networks", "access_denied")
  end
  log.info("access is allowed", { client = client, level = access.access_level, share = call.args.share.id })
end
