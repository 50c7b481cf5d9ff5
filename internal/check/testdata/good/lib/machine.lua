-- machine.lua: states, and what leads from one to another.
local machine = {}

local function wrong(state, event, known)
  local names = {}
  for name in pairs(known or {}) do names[#names + 1] = name end
  table.sort(names)
  return ("no event %q in the state %q: it has %s"):format(event, state, table.concat(names, ", "))
end

---@param rules table<string, table<string, string>> by state and event, the next state
function machine.new(rules, first)
  local m = { state = first, history = {} }
  local listeners = {}

  function m:can(event)
    return rules[self.state] ~= nil and rules[self.state][event] ~= nil
  end

  function m:fire(event, ...)
    local known = rules[self.state]
    local to = known and known[event]
    if not to then
      error(wrong(self.state, event, known), 2)
    end
    local from = self.state
    self.history[#self.history + 1] = from
    self.state = to
    for _, listener in ipairs(listeners) do
      listener(from, to, event, ...)
    end
    return to
  end

  function m:on(listener)
    listeners[#listeners + 1] = listener
    return function()
      for i, l in ipairs(listeners) do
        if l == listener then
          table.remove(listeners, i)
          return true
        end
      end
      return false
    end
  end

  function m:reset()
    self.state, self.history = first, {}
  end

  return m
end

return machine
