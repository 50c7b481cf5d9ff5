-- access.lua: who may be let in, by networks, names and the hour, with an explanation for those who may not.
local words = require "words"
local clock = require "clock"

local networks = options.networks or { "10.0.0.0/8", "fd00::/8" }
local hours = options.hours and clock.window(options.hours[1], options.hours[2])
local names = {}
for _, pattern in ipairs(options.names or {}) do
  names[#names + 1] = "^" .. pattern:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

local handlers = {}

function handlers.ip(to)
  if not cidr.valid(to) then
    return false, to .. " is no network"
  end
  for _, network in ipairs(networks) do
    if cidr.contains(network, to) then
      return true
    end
  end
  local parsed = cidr.parse(to)
  return false, ("%s is in none of %s"):format(parsed.network, table.concat(networks, ", "))
end

function handlers.user(to)
  if #names == 0 then return true end
  for _, pattern in ipairs(names) do
    if to:match(pattern) then return true end
  end
  return false, to .. " is not among the users"
end

handlers.cert = handlers.user

local function explain(kind)
  local known = {}
  for name in pairs(handlers) do known[#known + 1] = name end
  table.sort(known)
  local near, distance = words.nearest(kind, known)
  if distance and distance <= 2 then
    return ("no access of the type %q (did you mean %s?)"):format(kind, near)
  end
  return ("no access of the type %q: want one of %s"):format(kind, table.concat(known, ", "))
end

---@param call hookrun.call.allow_access
function pre.allow_access(call)
  local access = call.args.access
  local handler = handlers[access.access_type]
  if not handler then
    reject(explain(access.access_type), "access_type")
  end
  if hours and not clock.within(hours, time.now()) then
    reject("nobody is let in at this hour", "hours")
  end
  local ok, why = handler(access.access_to)
  if not ok then
    reject(why, "access_denied")
  end
  if access.access_level == "" then
    access.access_level = "ro"
  end
  return { to = access.access_to, level = access.access_level }
end

function post.allow_access(call, result)
  local given = call.pre or {}
  log.info("let in", { to = given.to, level = given.level, key = result.access_key ~= nil })
end

---@param call hookrun.call.deny_access
function pre.deny_access(call)
  local left = 0
  for _, rule in ipairs(call.args.share.access_rules) do
    if rule.id ~= call.args.access.id then left = left + 1 end
  end
  if left == 0 and not (call.context.is_admin or call.args.share.metadata.orphan == "ok") then
    reject("nobody would be left", "last_rule")
  end
end
