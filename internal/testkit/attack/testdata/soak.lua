-- soak.lua: a hook that ends as each call asks it to, and leaves marks by which every step of it can be accounted for.
-- options: name, generation. call.context: id, and by hook and phase how to end, as in ["strict pre"] = "memory".
local name, generation = options.name, options.generation
local records = { create_share_instance = "share", create_snapshot = "snapshot", shrink_share = "share", extend_share = "share" }

runs = 0 -- a global, so that it shows when globals are renewed

local function expect(ok, what)
  if not ok then error("soak " .. name .. ": " .. what, 0) end
end

local endings = {}

function endings.script(call)
  error({ message = "failed on demand in " .. call.method, code = "demanded" })
end

function endings.reject(call)
  pcall(reject, "call " .. call.context.id .. " is refused", "refused")
end

function endings.instructions()
  pcall(function() while true do end end)
end

function endings.memory()
  local hoard = {}
  while true do hoard[#hoard + 1] = ("x"):rep(65536) end
end

function endings.panic()
  host:Boom()
end

function endings.collapse()
  host:Collapse() -- the caller's context panics when it is asked next, inside the VM
end

function endings.type(call, result)
  if not result then
    call.args[records[call.method]].size = "big"
  elseif call.method == "create_snapshot" then
    result.size = "big"
  else
    result.export_locations[1].preferred = "yes"
  end
end

local function finish(ending, call, result)
  if not ending then return end
  endings[ending](call, result)
  error("soak " .. name .. ": still here after " .. ending, 0)
end

-- While it waits, nothing else of this hook may run, or runs would be counted twice.
local function count(word, fields, waits)
  local before = runs
  if waits then host:Pause() end
  runs = before + 1
  fields.run, fields.generation = runs, generation
  log.info(word, fields)
end

-- Every hook appends its name to that of the record; only what a hook with change_args did is seen by others.
local function rename(call)
  local record = call.args[records[call.method]]
  local given = "record-" .. call.context.id
  expect(record.name == given or record.name == given .. "+shaper", "the name " .. record.name)
  record.name = record.name .. "+" .. name
end

function pre(call)
  expect(call.generation == generation, "the scripts of generation " .. generation)
  count("began", {}, call.context.waits)
  if call.context.gone == name then host:Leave() end
  if records[call.method] then rename(call) end
  finish(call.context[name .. " pre"], call)
  return { run = runs, id = call.context.id }
end

local function mark(call, result, run)
  local text = "|" .. name .. "=" .. run
  if call.method == "create_snapshot" then
    result.provider_location = result.provider_location .. text:sub(1, 2)
    if call.context.waits then host:Pause() end
    result.provider_location = result.provider_location .. text:sub(3)
  elseif call.method == "create_share_instance" then
    local location = result.export_locations[1]
    location.path = location.path .. text:sub(1, 2)
    if call.context.waits then host:Pause() end
    location.path = location.path .. text:sub(3)
  elseif call.method == "attack" then
    result.seen[name] = run
  end
end

function post(call, result)
  log.info("passed")
  local run = "none"
  if call.pre then
    expect(call.pre.id == call.context.id, "what pre returned")
    run = call.pre.run
  else
    expect(call.pre_error, "no word of why pre failed")
  end
  mark(call, result, run)
  finish(call.context[name .. " post"], call, result)
end

function failed(call, err)
  expect(call.pre.id == call.context.id, "what pre returned")
  log.info("undone", { run = call.pre.run, source = err.source, kind = err.kind })
  finish(call.context[name .. " failed"], call)
end

function periodic(shares, tick)
  count("ticked", { tick = tick }, tick % 3 == 0)
  finish(shares[1].metadata[name], { method = "periodic" })
end
