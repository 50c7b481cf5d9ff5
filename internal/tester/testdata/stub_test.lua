-- Stubs are functions of the test, with its locals.

local asked = {}

test.stub("cmdb", {
  Get = function(self, id)
    table.insert(asked, id)
    if id == "bad" then
      error("no such id", 0)
    elseif id == "none" then
      return nil, "second"
    end
    return "rack-" .. tostring(id)
  end,
})

function test.answers(t)
  local got = t.call { stub = "cmdb", with = "a" }
  t.expect(got.answer):is { "rack-a" }
  t.expect(asked):is { "a" }
end

function test.sees_no_other_test(t)
  t.expect(asked):is {}
end

function test.errors(t)
  t.expect(t.call { stub = "cmdb", with = "bad" }.answer):is("no such id")
end

function test.several_results(t)
  t.expect(t.call { stub = "cmdb", with = "none" }.answer):is { null, "second" }
end

function test.replaced_within_a_test(t)
  t.stub("cmdb", { Get = function() return t.name end })
  t.expect(t.call { stub = "cmdb" }.answer):is { "replaced_within_a_test" }
end

function test.calls_within_a_stub(t)
  t.stub("cmdb", { Get = function(_, depth)
    return depth > 0 and t.call { stub = "cmdb", with = depth - 1 }.answer[1] + 1 or 0
  end })
  t.expect(t.call { stub = "cmdb", with = 5 }.answer):is { 5 }
end

function test.gone(t)
  t.expect(t.call { stub = "cmdb", with = "a", gone = true }.answer):is("context canceled")
  t.expect(asked):is {}
end
