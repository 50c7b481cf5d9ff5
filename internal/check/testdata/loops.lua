-- Loops that nothing ends.

local function harmless(n)
  if n > 3 then return harmless(n - 1) end
  return tostring(n)
end

local function stops(n)
  if n > 3 then error("enough") end
end

local function nested(n) return pcall(stops, n) end

function pre.create_snapshot(call)
  local n = 0
  while true do --> nothing ends this while: it has no break and no return, and calls nothing that raises an error
    n = n + 1
    harmless(n)
    for i = 1, 3 do if i > n then break end end
  end
end

function pre.delete_snapshot(call)
  local n, text = 0, ""
  repeat --> nothing ends this repeat: it has no break and no return, and calls nothing that raises an error
    n = n + #text:upper() + math.max(n, 1)
    log.info(text)
  until false
end

function pre.extend_share(call)
  while true do stops(1) end
  while 1 do nested(1) end
  while true do mailer:Send("x") end
  while true do call.args.share.name = mailer.Send() end
  while true do if call.args.share then return end end
  while true do repeat break until false if call then break end end
  while true do for _ = 1, 2 do return end end
  while true do reject("no") end
  while true do goto out end
  ::out::
  while call.args.share do log.info("x") end
  repeat log.info("x") until true
end

local numbers = coroutine.wrap(function()
  local n = 0
  while true do
    n = n + 1
    coroutine.yield(n)
  end
end)

local function each(f)
  while true do f() end
end

print(numbers(), each)

-- What a library calls may raise an error, and so may what reads data.
local function compare(a, b)
  if a == b then error("twice") end
  return a < b
end

function pre.shrink_share(call)
  local n, list, text = 0, {}, call.id
  while true do text:gsub(".", function() if n > 4 then error("done") end end) end
  while true do table.sort(list, compare) end
  while true do table.sort(list, mailer.Send()) end
  while true do text = json.decode(text) end
  while true do n = n + state.get("n") end
  while true do --> nothing ends this while: it has no break and no return, and calls nothing that raises an error
    text = string.gsub(text, ".", function(c) return c end)
    table.sort(list, function(a, b) return a > b end)
    string.gsub(text, "a", "b")
    log.info(text)
  end
end

-- A condition of local variables that the loop does not change ends it at once, or never.
function pre.manage_share(call)
  local i, n, running = 1, 0, true
  while i <= 3 do --> nothing ends this while: it does not change i, has no break and no return, and calls nothing that raises an error
    n = n + i
  end
  repeat --> nothing ends this repeat: it does not change n, has no break and no return, and calls nothing that raises an error
    i = i + 1
    log.info(i)
  until n > 10 or not running
  while n < 10 and i < 3 do n = n + i end
  while running do running = i < n end
  while i < 3 do i = i + 1 end
  while i < 3 do if n > i then break end end
  while i < n do stops(i) end
  while i < 3 do log.info(n) end --> nothing ends this while: it does not change i, has no break and no return, and calls nothing that raises an error
  repeat local done = harmless(n) until done
  while #call.id < n do call.id = call.id .. "x" end --> call.id: read only
  while left do log.info(left) end
  local k = 1
  local function step() k = k + 1 end
  while k < 9 do step() end
  local rest = 5
  while rest > 0 do for j = 1, 2 do rest = rest - j end end
  while rest > 0 do (function() rest = rest - 1 end)() end
end
