-- Asks the world everything that a hook can ask, and lets it decide.
math.randomseed(os.time())
local loaded = { at = time.now(), owner = cmdb:Owner(-1), draw = math.random() }
local names = require("names")
seen = {}
count = 0

local function walk(t, depth)
  local parts = {}
  for k, v in pairs(t) do
    if type(v) == "table" then v = "{" .. walk(v, depth + 1) .. "}" end
    parts[#parts + 1] = tostring(k) .. "=" .. tostring(v)
  end
  return table.concat(parts, ",")
end

function pre.grow(call)
  count = count + 1
  local a = call.args
  local owner, rack = cmdb:Owner(a.n)
  local found = cmdb:Find(a.n % 7)
  local ok, why = pcall(cmdb.Owner, cmdb, "x")
  local ok2, why2 = pcall(cmdb.Fail, a.n)
  local resp, err = http.get(options.url .. "/owner?n=" .. a.n)
  local tier = resp and resp.json().tier or err.kind
  local none, refused = http.get(options.closed .. "/" .. a.n)
  local total = state.incr("total", a.n)
  local last = state.get("last:" .. a.n % 5, "none")
  state.set("last:" .. a.n % 5, { id = call.id, at = os.time() }, { ttl = 3600 })
  if a.n % 3 == 0 then state.delete("last:" .. (a.n + 1) % 5) end
  local id = events.publish("share.grown", { n = a.n, total = total, id = crypto.uuid() })
  seen[a.n % 50] = id
  for i = 1, math.random(1, 8) do count = count + math.random(10) end
  log.info("grow", {
    walk = walk(found, 0), owner = owner, rack = rack, tier = tier, why = why, why2 = why2, refused = refused and refused.kind,
    last = walk(type(last) == "table" and last or { last }, 0), at = os.date("!%c", os.time()), clock = os.clock() >= 0, id = call.id,
    generation = call.generation, dry = call.dry_run, big = found.big, bytes = crypto.hex(crypto.random(4)), loaded = loaded.at, draw = loaded.draw,
  })
  if a.n % 13 == 0 then reject("unlucky: " .. id, "unlucky") end
  if a.n % 17 == 0 then error({ message = "cannot: " .. crypto.uuid(), code = "no" }) end
  a.size = a.size + math.random(3)
  return { draw = math.random(), found = found, names = names.of(a.n) }
end

function post.grow(call, result)
  local all = {}
  for key, value in state.each("last:") do all[#all + 1] = key .. "/" .. (value.id or "?") end
  state.set("mine", #all)
  for key in state.each() do all[#all + 1] = key end
  result.text = table.concat(all, " ") .. " " .. call.pre.draw .. " " .. walk(call.pre.found, 0)
  result.big = call.pre.found.big
  if math.random() < 0.1 then error("a post that fails at " .. time.format(time.now())) end
  metrics.count("grown", count)
end

function failed(call, err)
  local n = state.incr("total", -call.args.n)
  events.publish("share.failed", { n = n, why = err.message, code = err.code })
end

function finally(call, outcome)
  log.info("end", { status = outcome.status, took = outcome.duration, seen = seen[call.args.n % 50], count = count, at = os.time() })
end

function periodic(shares, tick)
  log.info("tick", { tick = tick, shares = #shares, total = state.get("total", 0), draw = math.random(100), at = time.now() })
end
