-- access_allowlist.lua: only clients of known networks get access to shares.
--
-- Options:
--   networks  networks in CIDR form, of IPv4 or IPv6 (default the private ones: 10.0.0.0/8, 172.16.0.0/12,
--             192.168.0.0/16, fc00::/7)
--   exact     other clients that are let in just as they are written: users, certificates (default none)
--
-- A rule for a whole network is allowed when that network lies within one of these. A refused call ends with the code
-- "access_denied". Taking access away is never refused.

local networks = options.networks or { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }
for _, network in ipairs(networks) do
  -- A network that cannot be read stops the script from loading: a typo must not open or close a door unnoticed.
  cidr.parse(network)
end

local exact = {}
for _, client in ipairs(options.exact or {}) do
  exact[client] = true
end

---@param access hookrun.Access
---@return string? why nil when it is allowed
local function refusal(access)
  local client = access.access_to
  if exact[client] then
    return
  end
  if access.access_type ~= "ip" then
    return ("access type %q is allowed for listed clients only"):format(access.access_type)
  end
  if not cidr.valid(client) then
    return ("%q: want an address, or a network such as 10.0.0.0/8"):format(client)
  end
  for _, network in ipairs(networks) do
    if cidr.contains(network, client) then
      return
    end
  end
  return client .. " is in none of the allowed networks"
end

---@param call hookrun.call.allow_access
function pre.allow_access(call)
  local access = call.args.access
  local why = refusal(access)
  if why then
    reject(why, "access_denied")
  end
  log.info("access is allowed", { client = access.access_to, level = access.access_level, share = call.args.share.id })
end
