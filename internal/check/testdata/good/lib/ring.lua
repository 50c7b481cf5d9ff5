-- ring.lua: the last values of many.
local Ring = {}
Ring.__index = Ring

function Ring.new(size)
  assert(type(size) == "number" and size >= 1, "want a size of 1 or more")
  return setmetatable({ size = size, next = 1, count = 0, items = {} }, Ring)
end

function Ring:push(value)
  self.items[self.next] = value
  self.next = self.next % self.size + 1
  self.count = math.min(self.count + 1, self.size)
  return self
end

---Walks the values, the oldest first.
function Ring:each()
  local i = 0
  return function()
    if i >= self.count then return end
    local at = (self.next - self.count - 1 + i) % self.size + 1
    i = i + 1
    return i, self.items[at]
  end
end

function Ring:mean()
  local sum = 0
  for _, value in self:each() do sum = sum + value end
  return self.count > 0 and sum / self.count or 0
end

function Ring:max()
  local most = -math.huge
  for _, value in self:each() do
    if value > most then most = value end
  end
  return most
end

return Ring
