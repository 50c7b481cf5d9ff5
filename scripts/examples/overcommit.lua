-- overcommit.lua: publishes more capacity than there is, for back ends that store thinly.
--
-- Options:
--   ratio  what may be promised for each GiB that is there (default 2; below 1 holds capacity back)
--
-- Free is what may still be promised: the published total less what shares have been promised already. The real
-- capacities go to the free-form part of the capabilities, so that nobody takes the published ones for disks.

local ratio = options.ratio or 2

---@param whole hookrun.Capabilities|hookrun.Pool
---@param promised number GiB
local function publish(whole, promised)
  whole.extra.real_total_capacity_gb = whole.total_capacity_gb
  whole.extra.real_free_capacity_gb = whole.free_capacity_gb
  whole.total_capacity_gb = whole.total_capacity_gb * ratio
  whole.free_capacity_gb = math.max(0, whole.total_capacity_gb - promised)
end

---@param result hookrun.result.publish_service_capabilities
function post.publish_service_capabilities(_, result)
  local capabilities = result.capabilities
  local total_promised = 0
  for _, pool in ipairs(capabilities.pools) do
    -- What a pool does not say is 0; it has promised at least what is stored.
    local stored = pool.total_capacity_gb - pool.free_capacity_gb
    local promised = math.max(pool.provisioned_capacity_gb, pool.allocated_capacity_gb, stored)
    total_promised = total_promised + promised
    publish(pool, promised)
  end
  if #capabilities.pools == 0 then
    total_promised = capabilities.total_capacity_gb - capabilities.free_capacity_gb
  end
  publish(capabilities, total_promised)
  log.info("capacity published", {
    total_gib = capabilities.total_capacity_gb,
    free_gib = capabilities.free_capacity_gb,
    ratio = ratio,
  })
end
