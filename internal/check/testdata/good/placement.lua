-- placement.lua: decides where a share goes, by what the pools have left, and remembers what it decided.
local lists = require "lists"
local words = require "words"
local valid = require "valid"
local Set = require "sets"

local pools = {
  { name = "fast", free = 2000, media = "ssd", zones = Set.of("a", "b") },
  { name = "slow", free = 90000, media = "hdd", zones = Set.of("a", "b", "c") },
  { name = "tape", free = 500000, media = "tape", zones = Set.of("c") },
}

local rules = {
  type = "table",
  required = true,
  fields = {
    name = { type = "string", required = true, pattern = "^[%w_-]+$" },
    size = { type = "number", min = 1, max = 100000 },
    share_proto = { one_of = { "NFS", "CIFS", "CEPHFS" } },
  },
}

local by_media = lists.group(pools, function(pool) return pool.media end)

local function fits(pool, share)
  return pool.free >= share.size and pool.zones:has(share.availability_zone)
end

local function best(share)
  local candidates = lists.filter(pools, function(pool) return fits(pool, share) end)
  if #candidates == 0 then
    return nil, ("no pool has %s in the zone %s"):format(words.plural(share.size, "GiB"), share.availability_zone)
  end
  table.sort(candidates, function(a, b)
    if a.media ~= b.media then return a.media < b.media end
    return a.free > b.free
  end)
  return candidates[1]
end

---@param call hookrun.call.create_share_instance
function pre.create_share_instance(call)
  local share = call.args.share
  local problems = valid.problems(rules, share, "share")
  if #problems > 0 then
    reject(table.concat(problems, "; "), "invalid")
  end
  local pool, why = best(share)
  if not pool then
    reject(why, "no_space")
  end
  pool.free = pool.free - share.size
  share.metadata.pool = pool.name
  share.metadata["placed-by"] = "placement"
  state.incr("placed/" .. pool.name)
  return { pool = pool.name, size = share.size }
end

function failed.create_share_instance(call, err)
  local taken = call.pre
  if not taken then return end
  for _, pool in ipairs(pools) do
    if pool.name == taken.pool then
      pool.free = pool.free + taken.size
    end
  end
  state.incr("placed/" .. taken.pool, -1)
  log.warn("gave back", { pool = taken.pool, why = err.message, code = err.code })
end

---@param call hookrun.call.create_share_instance
function post.create_share_instance(call, result)
  for i, location in ipairs(result.export_locations) do
    location.preferred = i == 1
    location.metadata.pool = call.pre and call.pre.pool
  end
  if not lists.any(result.export_locations, function(l) return l.is_admin_only end) then
    table.insert(result.export_locations, { path = "admin:/" .. call.args.share.id, is_admin_only = true })
  end
end

function periodic(shares, tick)
  if tick % 10 ~= 0 then return end
  local sizes = lists.map(shares, function(share) return share.size end)
  local sum = lists.reduce(sizes, function(a, b) return a + b end, 0)
  metrics.gauge("shares_gib", sum)
  for media, members in pairs(by_media) do
    local free = 0
    for _, pool in ipairs(members) do free = free + pool.free end
    metrics.gauge("pool_free_gib", free, { media = media })
  end
end
