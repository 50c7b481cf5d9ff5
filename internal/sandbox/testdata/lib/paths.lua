local M = {}

function M.join(a, b)
  M.joined = true
  return a .. "/" .. b
end

return M
