-- What project_quota.lua counts, gives back and refuses.

local function create(size, project)
  return { method = "create_share_instance", args = { share = { id = "s-1", project_id = project or "media", size = size } } }
end

local function resize(method, from, to)
  return { method = method, args = { share = { id = "s-1", project_id = "media", size = from }, new_size = to } }
end

local function used(t)
  return t.state.get("gib/media", 0)
end

test.options { gib = 100, projects = { render = 1000 } }

function test.all_shares_of_a_project_count(t)
  t.expect(t.call(create(60)).steps[1].returned):is(60)
  t.expect(t.call(create(40)).outcome):is("completed")
  t.expect(used(t)):is(100)
  t.expect(t.call(create(1)).error):has {
    code = "quota_exceeded", message = "project media would have 101 GiB, its quota is 100 GiB",
  }
  t.expect(used(t)):is(100)
end

function test.a_project_may_have_a_quota_of_its_own(t)
  t.expect(t.call(create(1000, "render")).outcome):is("completed")
  t.expect(t.call(create(1, "render")).outcome):is("rejected")
  t.expect(t.state.all()):is { ["gib/render"] = 1000 }
end

function test.the_default_is_ten_tebibytes(t)
  t.options {}
  t.expect(t.call(create(10240)).outcome):is("completed")
  t.expect(t.call(create(1)).outcome):is("rejected")
end

function test.what_fails_is_given_back(t)
  t.call(create(10))
  local call = create(20)
  call.driver_error = "no space"
  t.expect(t.call(call).outcome):is("failed")
  t.expect(used(t)):is(10)
end

function test.a_call_for_which_nothing_was_taken_gives_nothing_back(t)
  local call = resize("shrink_share", 10, 5)
  call.driver_error = "busy"
  t.call(create(10))
  t.expect(t.call(call).outcome):is("failed")
  t.expect(used(t)):is(10)
  t.expect(t.logs):is {}
end

function test.growth_counts(t)
  t.call(create(40))
  t.expect(t.call(resize("extend_share", 40, 100)).outcome):is("completed")
  t.expect(used(t)):is(100)
  t.expect(t.call(resize("extend_share", 100, 101)).error.code):is("quota_exceeded")
end

function test.what_is_given_up_is_given_back(t)
  t.call(create(90))
  t.call(resize("shrink_share", 90, 50))
  t.expect(used(t)):is(50)
  t.call { method = "delete_share_instance", args = { share = { id = "s-1", project_id = "media", size = 50 } } }
  t.expect(used(t)):is(0)
end

function test.giving_back_is_never_refused(t)
  t.state.set("gib/media", 500)
  t.expect(t.call(resize("shrink_share", 90, 50)).outcome):is("completed")
  t.expect(t.call(resize("extend_share", 50, 50)).outcome):is("completed")
  t.expect(used(t)):is(460)
end
