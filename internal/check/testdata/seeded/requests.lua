-- requests.lua: what people get wrong around requests, events and state.

known = {}
local waiting = 0

function pre.create_snapshot(call)
  local answer, err = http.get("https://cdmb.example.org/racks") --> host-not-allowed
  if not answer then
    return err.mesage --> unknown-field
  end
  if answer.ok then --> unknown-field
    known[call.id] = answer.json()
  end
  http.request({ url = "https://cmdb.example.org/racks", methd = "GET" }) --> unknown-field
  http.request({ url = "https://cmdb.example.org/racks", method = "PUT" }) --> host-not-allowed
  events.publish("snapshots.created", { id = call.id }) --> no-sink
  waiting = waiting + http.get("https://cmdb.example.org/load").status --> lost-update
  return undefined --> undefined-global
end

function post.create_snapshot(call, result)
  if result.size > 10 then
    reject("too large") --> late-reject
  end
  while true do --> endless-loop
    waiting = waiting + 1
  end
end

function pre.create_snapshot(call) --> defined-twice
  do
    return call.id
  end
  log.info("never") --> unreachable-code
end

local function periodic(shares) --> never-called
  log.info("shares", { count = #shares })
end

function finaly(call) --> never-called
  log.info(call.id) -- hookrun: ignore unused-locals --> unknown-code
end

function failed.create_snapshot(call, err)
  if err.source == "drver" then --> impossible-value
    log.error(err.msg) --> unknown-field
  end
  lasterror = err.message --> unread-global
end

function finally.create_snapshot(call, outcome)
  for i = 1, #outcome.result.export_locations do
    log.info(outcome.result.export_locations.path, { i = i }) --> unknown-field
  end
  outcome.status = "completed" --> read-only
  cidr.contains("10.0.0.0/8") --> argument-count
end
