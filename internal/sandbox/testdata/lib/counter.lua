local n = 0
local M = {}

function M.next()
  n = n + 1
  return n
end

return M
