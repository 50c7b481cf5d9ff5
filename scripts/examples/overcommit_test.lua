-- The capacities that overcommit.lua publishes.

local function publish(t, capabilities)
  local got = t.call { method = "publish_service_capabilities", result = { capabilities = capabilities } }
  t.expect(got.outcome):is("completed")
  return got.result.capabilities
end

function test.twice_what_is_there_less_what_is_promised(t)
  local got = publish(t, { total_capacity_gb = 100, free_capacity_gb = 70 })
  t.expect(got.total_capacity_gb):is(200)
  t.expect(got.free_capacity_gb):is(170)
  t.expect(got.extra):is { real_total_capacity_gb = 100, real_free_capacity_gb = 70 }
end

function test.each_pool_and_their_sum(t)
  local got = publish(t, {
    total_capacity_gb = 300, free_capacity_gb = 300,
    pools = {
      { pool_name = "stored", total_capacity_gb = 100, free_capacity_gb = 60 },
      { pool_name = "provisioned", total_capacity_gb = 100, free_capacity_gb = 90, provisioned_capacity_gb = 50, allocated_capacity_gb = 20 },
      { pool_name = "allocated", total_capacity_gb = 100, free_capacity_gb = 90, allocated_capacity_gb = 30 },
    },
  })
  local free = {}
  for i, pool in ipairs(got.pools) do
    free[i] = pool.free_capacity_gb
    t.expect(pool.total_capacity_gb):is(200)
    t.expect(pool.extra.real_total_capacity_gb):is(100)
  end
  t.expect(free):is { 160, 150, 170 }
  t.expect(got.total_capacity_gb):is(600)
  t.expect(got.free_capacity_gb):is(600 - 40 - 50 - 30)
end

function test.never_less_than_nothing(t)
  t.options { ratio = 0.5 }
  local got = publish(t, { total_capacity_gb = 100, free_capacity_gb = 20 })
  t.expect(got.total_capacity_gb):is(50)
  t.expect(got.free_capacity_gb):is(0)
end

function test.the_ratio_is_an_option(t)
  t.options { ratio = 3 }
  t.expect(publish(t, { total_capacity_gb = 10, free_capacity_gb = 10 })):has { total_capacity_gb = 30, free_capacity_gb = 30 }
end
