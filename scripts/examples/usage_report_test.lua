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

function test.a_share_that_stays_full_is_told_of_once_however_long(t)
  t.expect(#full_of(t, 9)):is(1)
  t.advance("9000h")
  t.expect(full_of(t, 9)):is {}
end

function test.a_share_that_is_gone_is_forgotten(t)
  t.state.set("other", 1)
  full_of(t, 9)
  t.tick { shares = { share("s-2", "media", 10, 9) } }
  t.expect(t.state.all()):is { ["full/s-2"] = true, other = 1 }
  t.expect(#full_of(t, 9)):is(1)
end

function test.a_share_of_which_nothing_is_known_for_a_while_is_not_told_of_again(t)
  full_of(t, 9)
  t.expect(full_of(t, nil)):is {}
  t.expect(full_of(t, 9)):is {}
end

---@param first integer
---@param last integer
local function of_projects(first, last, used)
  local shares = {}
  for i = first, last do
    table.insert(shares, share(("s-%04d"):format(i), ("p-%04d"):format(i), 10, used))
  end
  return shares
end

local function subjects(got)
  local events = usage(got)
  return { #events, events[1] and events[1].subject, events[#events] and events[#events].subject }
end

function test.what_does_not_fit_is_told_in_the_next_report(t)
  t.hook("usage_report.lua", { timeout = "1h" })
  local got = t.tick { shares = of_projects(1, 1001, 9) }
  t.expect(#got.events):is(1000)
  t.expect(usage(got)):is {} -- warnings come first
  t.expect(t.state.get("full/s-1001")):is(nil)
  got = t.tick { shares = of_projects(1, 1001, 9) }
  t.expect(got.events[1]):has { type = "share.full", subject = "s-1001" }
  t.expect(subjects(got)):is { 999, "p-0001", "p-0999" }
  t.expect(got.logs):has { message = "usage report goes on with the next one" }
  t.expect(subjects(t.tick { shares = of_projects(1, 1001) })):is { 1000, "p-1000", "p-0998" }
  got = t.tick { shares = of_projects(1, 1000) }
  t.expect(subjects(got)):is { 1000, "p-0999", "p-0998" }
  t.expect(got.logs):has { message = "usage report is complete" }
  t.expect(t.state.get("last")):is(nil)
  t.expect(subjects(t.tick { shares = of_projects(1, 2) })):is { 2, "p-0001", "p-0002" }
end

---The sizes of projects by their gauges, and how many there are; those of what is used are half as many.
local function sizes(t, shares)
  local gauges, n = { project_size_gib = {}, project_used_gib = {} }, 0
  for _, effect in ipairs(t.tick({ shares = shares }).effects) do
    if effect.kind == "metric" then
      gauges[effect.name][effect.labels.project] = effect.value
      n = n + 1
    end
  end
  for project, size in pairs(gauges.project_size_gib) do
    t.expect(gauges.project_used_gib[project]):is(size / 2)
  end
  return gauges.project_size_gib, n
end

function test.a_hundred_series_are_enough(t)
  t.hook("usage_report.lua", { timeout = "1h" })
  local of, n = sizes(t, of_projects(1, 48, 5))
  t.expect({ n, of["p-0048"], of["(others)"] }):is { 2 * 48, 10, nil }
  of, n = sizes(t, of_projects(2, 60, 5))
  t.expect({ n, of["p-0001"], of["p-0049"], of["p-0050"], of["(others)"] }):is { 2 * 50, 0, 10, nil, 110 }
  of, n = sizes(t, of_projects(1, 49, 5))
  t.expect({ n, of["p-0001"], of["(others)"] }):is { 2 * 50, 10, 0 }
end

function test.no_fact_is_less_than_nothing(t)
  t.expect(usage(t.tick { shares = { share("s-1", "media", 10, -1) } })):has { data = { used_gib = 0 } }
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

test.table("an odd id stops no report", { "two\nlines", ("x"):rep(600), "h\195\169", "bytes \255" }, function(t, odd)
  local shares = { share("s-1", "media", 10, 1), share("s-2", odd, 10, 1), share(odd, "media", 10, 9), share(odd .. "2", "media", 10, 1) }
  local got = t.tick { shares = shares }
  t.expect(got.steps[1].status):is("ok")
  t.expect(#usage(got)):is(2)
  t.expect(usage(got)[1]):has { data = { shares = 3 } }
  t.expect(#got.events):is(3)
  t.expect(#t.tick({ shares = shares }).events):is(2) -- the full one is remembered
end)

function test.shares_with_room_leave_nothing_in_the_state(t)
  local got = t.tick { shares = { share("s-1", "media", 10, 1) } }
  for _, effect in ipairs(got.effects) do
    t.expect(effect.kind):is_not("state")
  end
end
