-- The limits of quota_guard.lua: one for everybody, and those of single projects.

local function create(size, project)
  return { method = "create_share_instance", args = { share = { size = size, project_id = project } } }
end

local function extend(size, project)
  return { method = "extend_share", args = { share = { size = 1, project_id = project }, new_size = size } }
end

local limited = { max_gib = 100, projects = { render = 8000 } }

test.table("limits", {
  { name = "new", call = create(100), left = 0 },
  { name = "new, too large", call = create(101), refused = "share of 101 GiB is larger than 100 GiB" },
  { name = "new, of a project", call = create(7000, "render"), left = 1000 },
  { name = "new, too large for its project", call = create(8001, "render"), refused = "share of 8001 GiB is larger than 8000 GiB" },
  { name = "extended", call = extend(40), left = 60 },
  { name = "extended, too large", call = extend(101), refused = "share of 101 GiB is larger than 100 GiB" },
  { name = "extended, of a project", call = extend(8000, "render"), left = 0 },
}, function(t, row)
  t.options(limited)
  local got = t.call(row.call)
  if row.refused then
    t.expect(got.error):has { kind = "rejected", code = "quota_exceeded", message = row.refused }
    t.expect(got.driver.called):is(false)
  else
    t.expect(got.outcome):is("completed")
    t.expect(got.steps[1].returned):is { left_gib = row.left }
  end
end)

function test.the_default_limit_is_a_tebibyte(t)
  t.expect(t.call(create(1024)).outcome):is("completed")
  t.expect(t.call(create(1025)).outcome):is("rejected")
end

function test.what_is_left_is_logged_when_the_share_is_there(t)
  t.expect(t.call(create(1000)).logs):has { phase = "post", level = "info", message = "share is within its quota", fields = { left_gib = 24 } }
end

function test.a_suppressed_failure_leaves_nothing_to_log(t)
  t.hook("quota_guard.lua", { suppress_pre_errors = true, options = { max_gib = "many" } })
  local got = t.call(create(1))
  t.expect(got.outcome):is("completed")
  t.expect(got.logs):is {}
end

function test.an_option_that_is_none_stops_the_script(t)
  t.options { max_gb = 1 }
  t.expect(function() t.call(create(1)) end):raises('unknown option "max_gb": want max_gib and projects')
end
