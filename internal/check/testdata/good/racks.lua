-- racks.lua: asks where a host stands, once for each, and tells what it found. Several calls may do so at a time.
local lru = require "lru"
local words = require "words"
local csv = require "csv"

local base = options.cmdb or "https://cmdb.example.org"
local cache = {}
local recent = lru.new(100)
local retries = options.retries or 2

local function ask(host)
  for attempt = 1, retries do
    local answer, err = http.get(base .. "/hosts", { query = { name = host }, timeout = 0.5 })
    if answer and answer.status == 200 then
      local kind = answer.headers["content-type"] or ""
      if kind:find("json", 1, true) then
        return answer:json().rack
      end
      local rows, problem = csv.decode(answer.body)
      if rows then
        return rows[1] and rows[1][2]
      end
      log.warn("no table", { problem = problem })
      return nil
    elseif answer and answer.status == 404 then
      return nil
    end
    log.debug("asking again", { attempt = attempt, why = err and err.message or answer and answer.status })
    if err and err.kind == "refused" then break end
  end
  return nil
end

local function rack_of(host)
  local known = cache[host]
  if known ~= nil then
    return known or nil
  end
  known = ask(host) or false
  cache[host] = known
  return known or nil
end

local function label_of(host)
  if not recent.get(host) then
    recent.set(host, words.capital(rack_of(host) or "nowhere"))
  end
  return recent.get(host)
end

---@param call hookrun.call.create_snapshot
function pre.create_snapshot(call)
  local rack = rack_of(service.host)
  if rack and words.starts(rack, "old-") and not call.context.is_admin then
    reject("rack " .. rack .. " takes no snapshots", "old_rack")
  end
  return label_of(service.host)
end

function post.create_snapshot(call, result)
  if type(call.pre) == "string" then
    result.provider_location = result.provider_location .. "?rack=" .. call.pre
  end
end

function finally.create_snapshot(call, outcome)
  if outcome.status == "rejected" or outcome.error and outcome.error.source == "driver" then
    events.publish("snapshot." .. outcome.status, {
      method = call.method,
      code = outcome.error and outcome.error.code or null,
      seconds = outcome.duration,
    }, { subject = call.args.snapshot.id })
  end
end
