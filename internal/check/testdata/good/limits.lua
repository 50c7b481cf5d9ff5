-- limits.lua: how many calls, how large, how often: what a project may do in an hour.
local Ring = require "ring"
local lists = require "lists"
local words = require "words"

local defaults = { calls = 100, gib = 1000, burst = 10 }
local projects = options.projects or {}
local latest = {}
local sizes = Ring.new(50)

local function limit(project, name)
  local own = projects[project]
  if own and own[name] then
    return own[name]
  end
  return options[name] or defaults[name]
end

local function key(project, what)
  return table.concat({ "limits", project, what, time.format(time.now(), "%Y%m%d%H") }, "/")
end

local function bucket(project)
  latest[project] = latest[project] or { tokens = limit(project, "burst"), at = time.now() }
  local b, now = latest[project], time.now()
  b.tokens = math.min(limit(project, "burst"), b.tokens + (now - b.at) * limit(project, "calls") / 3600)
  b.at = now
  return b
end

local function take(project, what, n)
  local used = state.get(key(project, what), 0)
  local most = limit(project, what)
  if used + n > most then
    return false, ("%s of %d in this hour are used"):format(words.plural(used, what), most)
  end
  state.set(key(project, what), used + n, { ttl = 7200 })
  return true
end

local checks = {
  create_share_instance = function(args) return args.share.size end,
  extend_share = function(args) return args.new_size - args.share.size end,
  create_snapshot = function(args) return args.snapshot.size end,
}

function pre(call)
  local project = call.context.project_id
  if not project then return end
  local b = bucket(project)
  if b.tokens < 1 then
    reject("too many calls at once", "burst")
  end
  b.tokens = b.tokens - 1
  local ok, why = take(project, "calls", 1)
  local size = checks[call.method]
  if ok and size then
    local gib = size(call.args)
    sizes:push(gib)
    ok, why = take(project, "gib", gib)
  end
  if not ok then
    reject(why, "limit")
  end
end

function periodic(shares)
  local owners = lists.group(shares, function(share) return share.project_id end)
  local names = {}
  for name, owned in pairs(owners) do
    names[#names + 1] = ("%s: %s"):format(name, words.plural(#owned, "share"))
  end
  log.info("projects", { all = lists.sorted(names), mean = sizes:mean(), most = sizes:max() })
  for k, n in state.each("limits/") do
    if n == 0 then state.delete(k) end
  end
end
