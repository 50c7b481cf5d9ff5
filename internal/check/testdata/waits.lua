-- What a run reads before it waits, and writes after, may have been written by another run of the hook.
count = 0
state = { calls = 0, last = {} }
local hidden = 0

function pre.create_share_instance(call)
  local before = count
  mailer:Send("x")
  count = before + 1 --> count: read on line 7 before the call on line 8, in which other runs may write it
  count = count + 1
  state.calls = mailer.Send(state.calls) --> state.calls: read on line 11 before the call on line 11, in which other runs may write it
end

function pre.create_snapshot(call)
  count = count + 1
  mailer:Send("x")
  count = count + 1 -- read anew
  state.last[call.id] = call.method
  hidden = hidden + 1
end

local function ask(who)
  return mailer:Send(who)
end

local function later() -- is told of below
  hidden = hidden + ask("x") --> hidden: read on line 27 before the call on line 23, in which other runs may write it
end

function post.create_snapshot(call)
  later()
  local limit = count
  pcall(function() ask("y") end)
  if limit > 5 then
    count = 0 --> count: read on line 32 before the call on line 23, in which other runs may write it
  end
end

function post.delete_share_instance(call)
  local own = 1
  local t = { n = 1 }
  if count > 0 then
    mailer:Send("one")
  else
    count = 1 -- on this way nobody waited
  end
  own = own + mailer:Send("x")
  t.n = t.n + own
end

function periodic(shares)
  for _, s in ipairs(shares) do
    local n = count
    mailer:Send(s.id)
    count = n + 1 --> count: read on line 53 before the call on line 54, in which other runs may write it
  end
  again()
end

function again()
  if count > 3 then again() end
  mailer:Send("z")
  state = { calls = 0 }
end

-- What is filled in where it was not there loses nothing.
cache = {}
local racks = {}

function post.allow_access(call)
  local key = call.args.share.id
  if not cache[key] then
    cache[key] = mailer:Send(key)
  end
  racks[key] = racks[key] or mailer:Send(key)
  local known = cache.last
  if known == nil then
    known = mailer:Send("last")
    cache.last = known
  end
  if cache.first ~= nil then
    return cache.first
  elseif cache.second then
    return cache.second
  else
    cache.first = mailer:Send("first")
  end
  return racks[key]
end

function post.deny_access(call)
  local host = call.args.share.host
  local rack = racks[host]
  if rack then
    return rack
  end
  rack = mailer:Send(host)
  racks[host] = rack
end

function post.extend_share(call)
  racks.asked = (racks.asked or 0) + ask("x") --> racks.asked: read on line 102 before the call on line 23, in which other runs may write it
  if racks.full then
    mailer:Send("full")
    racks.full = nil --> racks.full: read on line 103 before the call on line 104, in which other runs may write it
  end
  if not racks.done then
    racks.count = (racks.count or 0) + 1
  end
end

-- A key is the same one where it is the same text, or the same variable.
counts = {}
function finally.create_snapshot(call)
  local id, other = call.id, call.method
  local before = counts[id]
  local all, last = counts[call.method], counts[other]
  mailer:Send(id)
  counts[call.id] = all
  counts[id .. "x"] = last
  other = "x"
  counts[other] = last
  counts[id] = before + 1 --> counts[id]: read on line 116 before the call on line 118, in which other runs may write it
end

-- What comes of the wait, and not of what was read, takes the place of what other runs wrote, and loses nothing.
function finally.extend_share(call)
  local id = call.id
  local known = cache[id]
  if known and known.till > time.now() then
    return
  end
  local found = mailer:Send(id)
  cache[id] = { value = found, till = time.now() + 60 }
end

function finally.shrink_share(call)
  local id = call.id
  local known = cache[id]
  if not known or known.till <= time.now() then
    known = { value = mailer:Send(id), till = time.now() + 60 }
    cache[id] = known
  end
end

function finally.create_share_instance(call)
  local id = call.id
  local known = cache[id]
  if not known or known.till <= time.now() then
    local found = { value = mailer:Send(id), n = known and known.n or 0 }
    cache[id] = found --> cache[id]: read on line 148 before the call on line 150, in which other runs may write it
  end
  local all = cache
  local next = {}
  next.left = mailer:Send("x")
  for key, value in pairs(all) do
    next[key] = value
  end
  cache = next --> cache: read on line 153 before the call on line 155, in which other runs may write it
  local hosts = racks
  hosts = { n = mailer:Send(hosts) }
  racks = hosts --> racks: read on line 160 before the call on line 161, in which other runs may write it
end

-- What a value is made of is followed through variables, functions, their parameters, and the tables that calls fill.
total = 0
names = ""
local clients = { token = "", url = "x", asked = 0 }

local function get()
  return total
end

local function add(n)
  local r = mailer:Send("x")
  total = n + #r --> total: read on line 183 before the call on line 175, in which other runs may write it
end

function finally.delete_share_instance(call)
  local n = get()
  mailer:Send(call.id)
  total = n + 1 --> total: read on line 171 before the call on line 181, in which other runs may write it
  add(total)
  local next = total
  next = next + 1
  local r = mailer:Send("y")
  if r == 500 then
    next = 0
  end
  total = next --> total: read on line 184 before the call on line 186, in which other runs may write it
end

function finally.create_share_group(call)
  local old, all = names, {}
  mailer:Send("x")
  table.insert(all, old)
  names = table.concat(all, ",") --> names: read on line 194 before the call on line 195, in which other runs may write it
  local before = clients.asked
  local function again()
    return nil, before
  end
  mailer:Send("y")
  clients.asked = select(2, again()) + 1 --> clients.asked: read on line 198 before the call on line 202, in which other runs may write it
  local list = { names }
  for _, name in ipairs(list) do
    mailer:Send(name)
    names = name --> names: read on line 204 before the call on line 206, in which other runs may write it
  end
end

local function set(t)
  token = t
end

local function fetch()
  local r = mailer:Send("x")
  return r.token, r.till
end

-- What comes from elsewhere may do so in any way.
function finally.deny_access(call)
  if failing or token or last or till then
    log.info("again")
  end
  local res, err = mailer:Send("x")
  failing = err
  set({ body = mailer:Send("x").body })
  if token or till then
    token, till = fetch()
  end
  for _, n in ipairs(json.decode(res.body)) do
    last = n
  end
  local id = call.id
  local hit = cache[id]
  if hit and hit.till > time.now() then
    return
  end
  local ok, found = pcall(function() return mailer:Send(id) end)
  if ok then
    cache[id] = found
  end
end

-- Other fields of the same table are other places.
function finally.allow_access(call)
  local id = call.id
  if clients.token == "old" then
    clients.token = mailer:Send(clients.url .. "/token")
  end
  if cache[id] and cache[id].till < time.now() then
    cache[id] = { body = mailer:Send(cache.base .. id).body }
  end
  local url = clients.url
  local all = clients
  if clients.asked > 0 then
    clients.asked = #mailer:Send(url)
  end
  if clients.size then
    mailer:Send(url)
    clients.size = #all --> clients.size: read on line 259 before the call on line 260, in which other runs may write it
  end
end

-- Neither the key of a place nor a number that is handed to a function brings back what was read.
local function tell(now, before)
  log.info("after " .. (now - before) .. " s")
end

function finally.manage_share(call)
  local now = time.now()
  tell(now, total)
  if now - total > 60 then
    mailer:Send(call.id)
    total = now
  end
  for id in pairs(cache) do
    local known = cache[id]
    if known.till < now then
      cache[id] = mailer:Send(id)
    end
  end
end
