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
