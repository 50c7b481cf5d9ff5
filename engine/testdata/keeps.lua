-- Ways in which a script can keep a view beyond its call. Each is given the view of a record in the arguments, that of
-- the call, and that of a list, and keeps one of these; what it kept is found by look, or in the global kept.

local held, up = {}, nil
local function hold(value) held.value = value end
local function fromHeld() return held.value end
local index = { __index = function(_, key) hold(key) end }
local newindex = { __newindex = function(_, key, value) hold(type(key) == "table" and key or value) end }
local callable = { __call = function(_, ...) hold((...)) end }

-- The library itself, as a metamethod: table.insert(t, view).
local function by(event, act)
  local function keep(share) held = setmetatable({}, { [event] = table.insert }) act(held, share) end
  return { keep = keep, look = function() return held[1] end }
end

local ways = {
  ["a global"] = { keep = function(share) kept = share end },
  ["the call in a global"] = { keep = function(_, call) kept = call end },
  ["a list in a global"] = { keep = function(_, _, list) kept = list end },
  ["a variable outside"] = { keep = function(share) up = share end, look = function() return up end },
  ["a field"] = { keep = function(share) held.value = share end, look = fromHeld },
  ["a computed field"] = { keep = function(share) local key = "val" held[key .. "ue"] = share end, look = fromHeld },
  ["a key"] = { keep = function(share) held = { [share] = true } end, look = function() return (next(held)) end },
  ["a list of one"] = { keep = function(share) held = { share } end, look = function() return held[1] end },
  ["a list with more"] = { keep = function(share) held = { 1, 2, share } end, look = function() return held[3] end },
  ["a list of what is returned"] = {
    keep = function(share)
      local function same(...) return ... end
      held = { same(1, share) }
    end,
    look = function() return held[2] end,
  },
  ["varargs"] = {
    keep = function(share) local function all(...) held = { ... } end all(share) end,
    look = function() return held[1] end,
  },
  ["arg"] = {
    keep = function(share) local function all(...) held = arg end all(share) end, look = function() return held[1] end,
  },
  ["arg of a call that ends a function"] = {
    keep = function(share) local function all(...) held = arg end return all(share) end, look = function() return held[1] end,
  },
  ["arg of an iterator"] = {
    keep = function(share) local function all(...) held = arg end for _ in all, share do end end,
    look = function() return held[1] end,
  },
  ["arg of what is called by the library"] = {
    keep = function(share) local function all(...) held = arg end pcall(all, share) end, look = function() return held[1] end,
  },
  ["a table in a table"] = { keep = function(share) held = { { { share } } } end, look = function() return held[1][1][1] end },
  ["a closure"] = { keep = function(share) held = function() return share end end, look = function() return held() end },
  ["a closure made before"] = {
    keep = function(share)
      local later
      held = function() return later end
      later = share
    end,
    look = function() return held() end,
  },
  ["a closure in a closure"] = {
    keep = function(share) held = function() return function() return share end end end,
    look = function() return held()() end,
  },
  ["a closure over a loop"] = {
    keep = function(share) for _, s in ipairs({ 1 }) do local now = share held = function() return now end end end,
    look = function() return held() end,
  },
  ["rawset"] = { keep = function(share) rawset(held, "value", share) end, look = fromHeld },
  ["table.insert"] = { keep = function(share) held = {} table.insert(held, share) end, look = function() return held[1] end },
  ["the tail of a call"] = { keep = function(share) return hold(share) end, look = fromHeld },
  ["the tail of a call to the library"] = {
    keep = function(share) held = {} return table.insert(held, share) end, look = function() return held[1] end,
  },
  ["__index"] = { keep = function(share) local _ = setmetatable({}, index)[share] end, look = fromHeld },
  ["__index, by the library"] = by("__index", function(t, share) local _ = t[share] end),
  ["the key of __newindex"] = { keep = function(share) setmetatable({}, newindex)[share] = 1 end, look = fromHeld },
  ["the value of __newindex"] = { keep = function(share) setmetatable({}, newindex).x = share end, look = fromHeld },
  ["__call"] = { keep = function(share) setmetatable({}, callable)(share) end, look = fromHeld },
  ["__call, by the library"] = by("__call", function(t, share) t(share) end),
  ["the tail of __call"] = { keep = function(share) return setmetatable({}, callable)(share) end, look = fromHeld },
  ["the tail of __call, by the library"] = by("__call", function(t, share) return t(share) end),
  ["+"] = by("__add", function(t, share) return (t + share) end),
  ["-"] = by("__sub", function(t, share) return (t - share) end),
  ["*"] = by("__mul", function(t, share) return (t * share) end),
  ["/"] = by("__div", function(t, share) return (t / share) end),
  ["%"] = by("__mod", function(t, share) return (t % share) end),
  ["^"] = by("__pow", function(t, share) return (t ^ share) end),
  [".."] = by("__concat", function(t, share) return (t .. share) end),
  ["a for loop"] = {
    keep = function(share) for _ in function(state) hold(state) end, share do end end, look = fromHeld,
  },
  ["a for loop by the library"] = {
    keep = function(share) held = {} for _ in table.insert, held, share do end end, look = function() return held[1] end,
  },
  ["a for loop over an object"] = {
    keep = function(share) for _ in setmetatable({}, callable), 1, share do end for _ in setmetatable({}, callable), share do end end,
    look = fromHeld,
  },
  ["the state of pairs"] = { keep = function(share) local _, state = pairs(share) kept = state end },
  ["the state of ipairs"] = { keep = function(_, _, list) local _, state = ipairs(list) kept = state end },
  ["a value of pairs"] = {
    keep = function(_, call) for key, value in pairs(call.args) do if key == "share" then kept = value end end end,
  },
  ["what next returns"] = { keep = function(_, call) local _, value = next(call.args) kept = value end },
  ["an item"] = { keep = function(_, _, list) for _, item in ipairs(list) do kept = item end end },
  ["an error"] = { keep = function(share) local _, err = pcall(error, share) kept = err end },
  ["an error in a function"] = { keep = function(share) local _, err = pcall(function() error(share) end) kept = err end },
  ["what pcall returns"] = { keep = function(share) local _, value = pcall(function(s) return s end, share) kept = value end },
  ["a coroutine's argument"] = {
    keep = function(share) held = coroutine.wrap(function(s) while true do coroutine.yield(s) end end) held(share) end,
    look = function() return held() end,
  },
  ["a coroutine's later argument"] = {
    keep = function(share)
      held = coroutine.wrap(function() local s = coroutine.yield() while true do coroutine.yield(s) end end)
      held()
      held(share)
    end,
    look = function() return held() end,
  },
  ["a coroutine that captured it"] = {
    keep = function(share) held = coroutine.wrap(function() while true do coroutine.yield(share) end end) held() end,
    look = function() return held() end,
  },
  ["select"] = { keep = function(share) local value = select(2, 1, share) kept = value end },
  ["unpack"] = { keep = function(_, _, list) kept = unpack(list) end },
  ["a metatable's __index"] = {
    keep = function(share) held = setmetatable({}, { __index = share }) end, look = function() return getmetatable(held).__index end,
  },
  ["the order of table.sort"] = {
    keep = function(_, _, list) table.sort(list, function(a, b) hold(a) return false end) end, look = fromHeld,
  },
  ["a field of the arguments"] = {
    keep = function(share, call) call.args.any = { share } held = call.args.any end, look = function() return held[1] end,
  },
}

local function one(list) return list[1] end

local function touch(view)
  local id, path, first = view.id, view.path, view[1]
  return "it shows " .. tostring(id or path or first or view.method or #view)
end

-- What calls do, by the ID of their share. Those that only read let views serve again that are out of reach.
local acts = {
  keep = function(call, share) ways[share.name].keep(share, call, share.export_locations) end,
  read = function(call, share)
    return share.id .. share.name .. #share.export_locations .. one(share.export_locations).path .. call.method
  end,
  look = function(call, share)
    local view = (ways[share.name].look or function() return kept end)()
    if type(view) ~= "table" then reject("nothing was kept: " .. tostring(view)) end
    local ok, what = pcall(touch, view)
    if ok or not what:find("belongs to a call that has ended", 1, true) then reject(what) end
  end,
}

function pre.create_snapshot(call)
  local share = call.args.share
  acts[share.id](call, share)
end

function post.list(call, result)
  for name in pairs(ways) do result[name] = true end
end
