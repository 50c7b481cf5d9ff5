-- What project_quota.lua counts, gives back and refuses.

local function share(id, size, project)
  return { id = id, project_id = project or "media", size = size }
end

local function create(id, size, project)
  return { method = "create_share_instance", args = { share = share(id, size, project) } }
end

local function resize(method, id, from, to)
  return { method = method, args = { share = share(id, from), new_size = to } }
end

local function manage(id, size)
  return { method = "manage_share", args = { share = share(id, 0), driver_options = {} }, result = { size = size } }
end

local function without(method, id, size)
  return { method = method, args = { share = share(id, size) } }
end

local function failing(call, code)
  call.driver_error = { message = "busy", code = code }
  return call
end

---What is remembered of a share when no call for it is under way.
local function has(gib, project)
  return { gib = gib, project = project or "media" }
end

local function used(t)
  return t.state.get("gib/media", 0)
end

test.options { gib = 100, projects = { render = 1000 } }

function test.all_shares_of_a_project_count(t)
  t.expect(t.call(create("s-1", 60)).outcome):is("completed")
  t.expect(t.call(create("s-2", 40)).outcome):is("completed")
  t.expect(t.call(create("s-3", 1)).error):has {
    code = "quota_exceeded", message = "project media would have 101 GiB, its quota is 100 GiB",
  }
  t.expect(t.state.all()):is { ["gib/media"] = 100, ["share/s-1"] = has(60), ["share/s-2"] = has(40) }
end

function test.a_project_may_have_a_quota_of_its_own(t)
  t.expect(t.call(create("s-1", 1000, "render")).outcome):is("completed")
  t.expect(t.call(create("s-2", 1, "render")).outcome):is("rejected")
  t.expect(t.state.all()):is { ["gib/render"] = 1000, ["share/s-1"] = has(1000, "render") }
end

function test.the_default_is_ten_tebibytes(t)
  t.options {}
  t.expect(t.call(create("s-1", 10240)).outcome):is("completed")
  t.expect(t.call(create("s-2", 1)).outcome):is("rejected")
end

function test.what_fails_is_given_back(t)
  t.call(create("s-1", 10))
  t.expect(t.call(failing(create("s-2", 20))).outcome):is("failed")
  t.expect(t.call(failing(create("s-3", 20), "interrupted")).outcome):is("failed")
  t.expect(t.call(failing(resize("extend_share", "s-1", 10, 50))).outcome):is("failed")
  t.expect(t.state.all()):is { ["gib/media"] = 10, ["share/s-1"] = has(10) }
end

test.table("a call that takes nothing", {
  resize("shrink_share", "s-1", 10, 5), without("delete_share_instance", "s-1", 10), without("unmanage_share", "s-1", 10), manage("s-2", 5),
}, function(t, call)
  t.call(create("s-1", 10))
  local got = t.call(failing(call))
  t.expect(got.outcome):is("failed")
  for _, step in ipairs(got.steps) do
    t.expect(step.status):is("ok")
  end
  t.expect(t.state.all()):is { ["gib/media"] = 10, ["share/s-1"] = has(10) }
end)

function test.growth_counts(t)
  t.call(create("s-1", 40))
  t.expect(t.call(resize("extend_share", "s-1", 40, 100)).outcome):is("completed")
  t.expect(used(t)):is(100)
  t.expect(t.call(resize("extend_share", "s-1", 100, 101)).error.code):is("quota_exceeded")
  t.expect(t.state.get("share/s-1")):is(has(100))
end

test.table("what is given up is given back", {
  { name = "shrunk", call = resize("shrink_share", "s-1", 90, 50), left = 50 },
  { name = "deleted", call = without("delete_share_instance", "s-1", 90) },
  { name = "no longer managed", call = without("unmanage_share", "s-1", 90) },
  { name = "deleted, of another size than was counted", call = without("delete_share_instance", "s-1", 95) },
}, function(t, row)
  t.call(create("s-1", 90))
  t.call(create("s-2", 1))
  for _ = 1, 2 do -- a service repeats a call whose answer it has lost
    t.expect(t.call(row.call).outcome):is("completed")
    t.expect(t.state.all()):is { ["gib/media"] = 1 + (row.left or 0), ["share/s-1"] = row.left and has(row.left), ["share/s-2"] = has(1) }
  end
end)

function test.a_repeated_create_counts_once(t)
  t.call(create("s-1", 60))
  t.expect(t.call(create("s-1", 60)).outcome):is("completed")
  t.expect(t.call(failing(create("s-1", 60))).outcome):is("failed")
  t.expect(t.state.all()):is { ["gib/media"] = 60, ["share/s-1"] = has(60) }
end

function test.a_share_that_is_taken_over_counts(t)
  t.expect(t.call(manage("s-1", 100)).outcome):is("completed")
  t.call(manage("s-1", 100))
  t.expect(t.state.all()):is { ["gib/media"] = 100, ["share/s-1"] = has(100) }
  t.expect(t.call(create("s-2", 1)).outcome):is("rejected")
  t.call(without("delete_share_instance", "s-1", 100))
  t.expect(used(t)):is(0)
  t.expect(t.call(create("s-2", 101)).outcome):is("rejected")
end

function test.a_share_that_was_there_before_counts_when_it_is_resized(t)
  t.call(without("delete_share_instance", "s-0", 40))
  t.expect(t.state.all()):is {}
  t.expect(t.call(resize("extend_share", "s-1", 40, 101)).outcome):is("rejected")
  t.call(resize("shrink_share", "s-1", 40, 30))
  t.expect(t.state.all()):is { ["gib/media"] = 30, ["share/s-1"] = has(30) }
end

function test.giving_back_is_never_refused(t)
  t.state.set("gib/media", 500)
  t.state.set("share/s-1", { gib = 90, project = "media" })
  t.expect(t.call(resize("extend_share", "s-1", 90, 90)).outcome):is("completed")
  t.expect(t.call(resize("shrink_share", "s-1", 90, 50)).outcome):is("completed")
  t.expect(used(t)):is(460)
end

-- The sizes are those that the driver gets, which a hook behind this one may have changed.
test.table("what the driver was asked for counts", {
  { name = "made", call = create("s-1", 5) },
  { name = "extended", call = resize("extend_share", "s-1", 4, 5) },
}, function(t, row)
  t.state.set("gib/media", 10)
  t.state.set("share/s-1", { gib = 10, project = "media" })
  t.call(row.call)
  t.expect(t.state.all()):is { ["gib/media"] = 5, ["share/s-1"] = has(5) }
end)

function test.a_share_is_given_back_to_the_project_it_was_counted_for(t)
  t.call(create("s-1", 60))
  t.call { method = "delete_share_instance", args = { share = share("s-1", 60, "render") } }
  t.expect(t.state.all()):is { ["gib/media"] = 0 }
  t.call(create("s-2", 60))
  t.call { method = "shrink_share", args = { share = { id = "s-2" }, new_size = 50 } } -- the call does not say
  t.expect(t.state.all()):is { ["gib/media"] = 50, ["share/s-2"] = has(50) }
  t.call { method = "delete_share_instance", args = { share = { id = "s-2" } } }
  t.expect(t.state.all()):is { ["gib/media"] = 0 }
end

function test.a_share_of_another_project_moves_there(t)
  t.call(create("s-1", 60))
  t.call { method = "extend_share", args = { share = share("s-1", 60, "render"), new_size = 70 } }
  t.expect(t.state.all()):is { ["gib/media"] = 0, ["gib/render"] = 70, ["share/s-1"] = has(70, "render") }
  t.call { method = "shrink_share", args = { share = share("s-1", 70, "media"), new_size = 70 } }
  t.expect(t.state.all()):is { ["gib/media"] = 70, ["gib/render"] = 0, ["share/s-1"] = has(70) }
end

-- The state is as the pre of another call has left it that is still with the driver, or was in a process of before,
-- where the ids of calls were the same.
local other = { ["local-1"] = 90 }

function test.a_call_takes_back_what_it_wanted_alone(t)
  t.state.set("gib/media", 90)
  t.state.set("share/s-1", { gib = 40, project = "media", calls = other })
  t.expect(t.call(failing(resize("extend_share", "s-1", 40, 90))).outcome):is("failed")
  t.expect(t.state.all()):is { ["gib/media"] = 90, ["share/s-1"] = { gib = 40, project = "media", calls = other } }
  t.expect(t.call(resize("extend_share", "s-1", 40, 100)).outcome):is("completed")
  t.expect(t.state.all()):is { ["gib/media"] = 100, ["share/s-1"] = { gib = 100, project = "media", calls = other } }
  t.expect(t.call(resize("shrink_share", "s-1", 100, 50)).outcome):is("completed")
  t.expect(t.state.all()):is { ["gib/media"] = 90, ["share/s-1"] = { gib = 50, project = "media", calls = other } }
end

test.table("a share that is gone takes nothing, whatever a call wanted that never ended", {
  without("delete_share_instance", "s-1", 40), without("unmanage_share", "s-1", 40),
}, function(t, call)
  t.state.set("gib/media", 91)
  t.state.set("share/s-1", { gib = 40, project = "media", calls = { lost = 90 } })
  t.call(call)
  t.expect(t.state.all()):is { ["gib/media"] = 1 }
end)

-- A process was killed when the driver had made the share, and what the call wanted is given back.
function test.a_share_counts_that_an_interrupted_call_has_made(t)
  t.call(failing(create("s-1", 60), "interrupted"))
  t.expect(used(t)):is(0)
  t.expect(t.call(failing(create("s-1", 60), "exists")).outcome):is("failed")
  t.expect(t.state.all()):is { ["gib/media"] = 60, ["share/s-1"] = has(60) }
  t.call(failing(create("s-1", 70), "exists"))
  t.expect(t.state.all()):is { ["gib/media"] = 60, ["share/s-1"] = has(60) }
end

function test.a_share_that_exists_is_counted_by_the_call_that_makes_it(t)
  t.state.set("gib/media", 90)
  t.state.set("share/s-1", { gib = 0, project = "media", calls = other })
  t.call(failing(create("s-1", 60), "exists"))
  t.expect(t.state.all()):is { ["gib/media"] = 90, ["share/s-1"] = { gib = 0, project = "media", calls = other } }
end

-- The driver has done its work all the same.
function test.what_a_post_missed_is_made_up_for(t)
  t.hook("project_quota.lua", { enable_post = false })
  for _, row in ipairs {
    { call = create("s-1", 60), left = has(60) },
    { call = resize("extend_share", "s-1", 60, 70), left = has(70) },
    { call = resize("shrink_share", "s-1", 70, 50), left = has(50) },
    { call = without("unmanage_share", "s-1", 50) },
    { call = manage("s-1", 5), left = has(5) },
    { call = without("delete_share_instance", "s-1", 5) },
  } do
    t.expect(t.call(row.call).outcome):is("completed")
    t.expect(t.state.all()):is { ["gib/media"] = row.left and row.left.gib or 0, ["share/s-1"] = row.left }
    t.expect(t.call(failing(row.call)).outcome):is("failed")
    t.expect(t.state.all()):is { ["gib/media"] = row.left and row.left.gib or 0, ["share/s-1"] = row.left }
  end
end

function test.the_post_of_another_hook_that_fails_takes_nothing_back(t)
  t.hook("export_rewrite.lua", { max_instructions = 100 })
  t.hook("project_quota.lua")
  local call = create("s-1", 60)
  call.result = { export_locations = {} }
  for i = 1, 100 do
    call.result.export_locations[i] = { path = "10.0.0.5:/" .. i }
  end
  t.expect(t.call(call)):has { outcome = "failed", error = { hook = "export_rewrite", phase = "post" } }
  t.expect(t.state.all()):is { ["gib/media"] = 60, ["share/s-1"] = has(60) }
end

function test.what_is_counted_as_it_should_be_is_not_written_again(t)
  local written = {}
  for _, step in ipairs(t.call(create("s-1", 60)).steps) do
    written[step.phase] = #step.effects
  end
  t.expect(written):is { pre = 2, post = 1, finally = 0 }
  for _, step in ipairs(t.call(resize("shrink_share", "s-1", 60, 60)).steps) do
    t.expect(step.effects):is {}
  end
end

function test.an_option_that_is_none_stops_the_script(t)
  t.options { gb = 1 }
  t.expect(function() t.call(create("s-1", 1)) end):raises('unknown option "gb": want gib and projects')
end
