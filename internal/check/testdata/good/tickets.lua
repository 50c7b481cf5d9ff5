-- tickets.lua: each change has a ticket, whose state follows what becomes of the call.
local machine = require "machine"
local clock = require "clock"
local Object = require "class"

local rules = {
  open = { approve = "approved", refuse = "closed" },
  approved = { begin = "running", refuse = "closed" },
  running = { finish = "closed", fail = "open" },
}

local Ticket = Object:extend("ticket")

function Ticket:init(id, owner)
  self.id, self.owner = id, owner
  self.at = time.now()
  self.machine = machine.new(rules, "open")
end

function Ticket:move(event)
  local ok, why = pcall(self.machine.fire, self.machine, event)
  if not ok then
    log.error("ticket", { id = self.id, why = why })
  end
  return ok
end

function Ticket:age() return clock.rough(time.now() - self.at) end

local tickets = {}
local quiet = clock.window("22:00", "06:00", "fri sat")

local function ticket_of(call)
  local id = call.context.request_id or call.id
  local found = tickets[id]
  if not found then
    found = Ticket(id, call.context.user_id or "nobody")
    tickets[id] = found
  end
  return found
end

local function count()
  local n = 0
  for _ in pairs(tickets) do
    n = n + 1
  end
  return n
end

function pre(call)
  local ticket = ticket_of(call)
  if clock.within(quiet, time.now(), "Europe/Berlin") and not call.context.is_admin then
    ticket:move("refuse")
    reject("no changes at night, see ticket " .. ticket.id, "quiet")
  end
  ticket:move("approve")
  ticket:move("begin")
  return { ticket = ticket.id }
end

function failed(call, err)
  local ticket = ticket_of(call)
  if ticket.machine:can("fail") then
    ticket:move("fail")
  end
  log.info("reopened", { ticket = ticket.id, age = ticket:age(), by = err.hook or err.source })
end

function finally(call, outcome)
  local ticket = ticket_of(call)
  if outcome.status == "completed" then
    ticket:move("finish")
    tickets[ticket.id] = nil
  end
  metrics.gauge("tickets_open", count())
end
