-- What usage_report.lua adds up and tells.

local gib = 2 ^ 30

local function share(id, project, size, used, clients)
  local rules = {}
  for i = 1, clients or 0 do
    rules[i] = { access_to = "10.0.0." .. i }
  end
  return { id = id, project_id = project, size = size, metadata = { used_bytes = used and used * gib }, access_rules = rules }
end

local function usage(got)
  local all = {}
  for _, event in ipairs(got.events) do
    if event.type == "usage" then
      table.insert(all, event)
    end
  end
  return all
end

function test.adds_up_by_project(t)
  local got = t.tick { shares = {
    share("s-3", "render", 40, 10, 1), share("s-1", "media", 100, 50, 2), share("s-2", "media", 20, 5, 3), share("s-4", "a", 1),
  } }
  local events = usage(got)
  t.expect(#events):is(3)
  t.expect(events[1]):has { subject = "a", data = { project_id = "a", shares = 1, size_gib = 1, used_gib = 0, clients = 0 } }
  t.expect(events[2]):has { subject = "media", data = { project_id = "media", shares = 2, size_gib = 120, used_gib = 55, clients = 5 } }
  t.expect(events[3]):has { subject = "render", data = { shares = 1, size_gib = 40, used_gib = 10, clients = 1 } }
  t.expect(got.effects):has { kind = "metric", measure = "gauge", name = "project_size_gib", value = 120, labels = { project = "media" } }
  t.expect(got.effects):has { kind = "metric", measure = "gauge", name = "project_used_gib", value = 55, labels = { project = "media" } }
  t.expect(got.logs):has { message = "usage report is complete", fields = { shares = 4, projects = 3, tick = 1 } }
end

function test.projects_are_in_order(t)
  local got = t.tick { shares = { share("1", "d", 1), share("2", "b", 1), share("3", "e", 1), share("4", "a", 1), share("5", "c", 1) } }
  local subjects = {}
  for i, event in ipairs(usage(got)) do
    subjects[i] = event.subject
  end
  t.expect(subjects):is { "a", "b", "c", "d", "e" }
end

function test.shares_of_no_project_have_a_name_too(t)
  local got = t.tick { shares = { share("s-1", "", 5) } }
  t.expect(usage(got)):has { subject = "-", data = { project_id = "" } }
  t.expect(got.effects):has { name = "project_size_gib", labels = { project = "-" } }
end

local function full_of(t, used)
  local told = {}
  for _, event in ipairs(t.tick({ shares = { share("s-1", "media", 10, used) } }).events) do
    if event.type == "share.full" then
      table.insert(told, event)
    end
  end
  return told
end

function test.tells_once_that_a_share_is_nearly_full(t)
  t.expect(full_of(t, 7.99)):is {}
  local told = full_of(t, 8.09)
  t.expect(#told):is(1)
  t.expect(told):has { subject = "s-1", data = { project_id = "media", percent = 80 } }
  t.expect(full_of(t, 9)):is {}
  t.expect(full_of(t, 7)):is {}
  t.expect(t.state.all()):is {}
  t.expect(full_of(t, 8)):has { subject = "s-1" }
  t.expect(t.state.all()):is { ["full/s-1"] = true }
end

function test.a_share_of_one_gib_counts_too(t)
  local got = t.tick { shares = { share("s-1", "media", 1, 1) } }
  t.expect(got.events):has { type = "share.full", data = { percent = 100 } }
end

function test.when_to_warn_is_an_option(t)
  t.options { warn_percent = 50 }
  t.expect(full_of(t, 4.9)):is {}
  t.expect(#full_of(t, 5)):is(1)
end

function test.of_a_share_that_is_gone_nothing_remains_after_a_month(t)
  full_of(t, 9)
  t.advance("719h59m59s")
  t.expect(t.state.get("full/s-1")):is(true)
  t.advance("1s")
  t.expect(t.state.get("full/s-1")):is(nil)
end

function test.shares_without_size_or_facts_are_counted(t)
  local got = t.tick { shares = { share("s-1", "media", 0, 5), share("s-2", "media", 3), { id = "s-3", project_id = "media", size = 1, metadata = { used_bytes = "many" } } } }
  t.expect(got.outcome):is("completed")
  t.expect(usage(got)):has { data = { shares = 3, size_gib = 4, used_gib = 0 } }
end

function test.nothing_to_report(t)
  local got = t.tick { shares = {} }
  t.expect(got.events):is {}
  t.expect(got.logs):has { fields = { shares = 0, projects = 0 } }
end
