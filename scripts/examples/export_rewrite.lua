-- export_rewrite.lua: clients see a public name instead of the back end's own address.
--
-- Options:
--   from  the address that the back end reports, in front of the colon of a path of NFS (default "10.0.0.5")
--   to    what clients see instead (default "shares.example.org")
--
-- Admin-only locations stay as they are: they are for people who need the real address.

local from = (options.from or "10.0.0.5") .. ":"
local to = (options.to or "shares.example.org") .. ":"

---@param locations hookrun.ExportLocation[]
local function rewrite(locations)
  for _, location in ipairs(locations) do
    local path = location.path
    if not location.is_admin_only and path:sub(1, #from) == from then
      location.path = to .. path:sub(#from + 1)
    end
  end
end

---@param result hookrun.result.create_share_instance
function post.create_share_instance(_, result)
  rewrite(result.export_locations)
end

---@param result hookrun.result.create_snapshot
function post.create_snapshot(_, result)
  rewrite(result.export_locations)
end

---@param result hookrun.result.manage_share
function post.manage_share(_, result)
  rewrite(result.export_locations)
end
