-- What inventory_lookup.lua asks, what it makes of the answers, and for how long.

local url = "https://cmdb.example.org/cost-centers/"

test.hook("inventory_lookup.lua", { allow_http = { "cmdb.example.org" }, options = { url = url, token = "t" } })
test.http("GET", url .. "4711", { status = 200, json = { owner = "ada" } })
test.http("GET", url .. "4712", { status = 404 })
for _, status in ipairs { 204, 401, 403, 429, 500, 503 } do
  test.http("GET", url .. status, { status = status })
end
test.http("GET", url .. "slow", { error = "timeout" })

local function create(center)
  return { method = "create_share_instance", args = { share = { id = "s-1", metadata = { cost_center = center } } } }
end

test.table("answers", {
  { name = "known", center = "4711", outcome = "completed", kept = true },
  { name = "a number", center = 4711, outcome = "completed", kept = true },
  { name = "unknown", center = "4712", outcome = "rejected" },
  { name = "no content", center = "204", outcome = "completed", why = 204 },
  { name = "a token that has expired", center = "401", outcome = "completed", why = 401 },
  { name = "a token that may not ask", center = "403", outcome = "completed", why = 403 },
  { name = "too many requests", center = "429", outcome = "completed", why = 429 },
  { name = "an error of the inventory", center = "500", outcome = "completed", why = 500 },
  { name = "under maintenance", center = "503", outcome = "completed", why = 503 },
  { name = "no answer", center = "slow", outcome = "completed", why = "timeout" },
}, function(t, row)
  local got = t.call(create(row.center))
  t.expect(got.outcome):is(row.outcome)
  t.expect(got.effects):has { kind = "http", method = "GET", url = url .. tostring(row.center) }
  t.expect(t.state.all()):is(row.kept and { ["center/" .. row.center] = true } or {})
  if row.outcome == "rejected" then
    t.expect(got.error):has { code = "unknown_cost_center", message = "want metadata cost_center that the inventory knows" }
  end
  if row.why then
    t.expect(got.logs[1]):has { level = "warn", message = "the inventory cannot be asked" }
    t.expect(tostring(got.logs[1].fields.why)):matches(tostring(row.why))
  else
    t.expect(got.logs):is {}
  end
end)

function test.what_is_known_is_remembered_for_an_hour(t)
  t.call(create("4711"))
  local again = t.call(create("4711"))
  t.expect(again.effects):is {}
  t.expect(again.outcome):is("completed")
  t.advance("59m59s")
  t.expect(t.call(create("4711")).effects):is {}
  t.advance("1s")
  t.expect(t.call(create("4711")).effects):has { kind = "http" }
end

function test.what_is_unknown_is_asked_each_time(t)
  t.expect(t.call(create("4712")).outcome):is("rejected")
  t.http("GET", url .. "4712", { status = 200 })
  t.expect(t.call(create("4712")).outcome):is("completed")
end

test.table("no name of a cost center", { "", "47/11", "4711?", " 4711", "4711 ", "ä", "a.b", ("4"):rep(65) }, function(t, center)
  local got = t.call(create(center))
  t.expect(got.error.code):is("unknown_cost_center")
  t.expect(got.effects):is {}
end)

test.table("names of cost centers", { "Z", "a-b", "a_b", "A0", ("4"):rep(64) }, function(t, center)
  t.expect(t.call(create(center)).effects):has { url = url .. center }
end)

function test.metadata_may_be_missing(t)
  t.expect(t.call({ method = "create_share_instance", args = { share = { id = "s-1" } } }).outcome):is("rejected")
end

function test.an_option_that_is_none_stops_the_script(t)
  t.options { uri = "https://cmdb.example.org/" }
  t.expect(function() t.call({ method = "create_share_instance" }) end):raises('unknown option "uri": want url and token')
end
