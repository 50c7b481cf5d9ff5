-- Which names name_policy.lua lets pass.

local function share(name)
  return { method = "create_share_instance", args = { share = { name = name } } }
end

local function snapshot(name)
  return { method = "create_snapshot", args = { snapshot = { name = name } } }
end

local longest = ("a"):rep(63)

test.table("names", {
  { name = "plain", call = share("media-archive-2") },
  { name = "none", call = share("") },
  { name = "longest", call = share(longest) },
  { name = "too long", call = share(longest .. "a"), refused = "share name is longer than 63 bytes" },
  { name = "upper case", call = share("Media"), refused = 'share name "Media" does not match ^[a-z][a-z0-9-]*$' },
  { name = "a digit first", call = share("2a"), refused = 'share name "2a" does not match ^[a-z][a-z0-9-]*$' },
  { name = "a blank behind", call = share("a "), refused = 'share name "a " does not match ^[a-z][a-z0-9-]*$' },
  { name = "snapshot", call = snapshot("daily-1") },
  { name = "snapshot, too long", call = snapshot(longest .. "a"), refused = "snapshot name is longer than 63 bytes" },
  { name = "snapshot, upper case", call = snapshot("Daily"), refused = 'snapshot name "Daily" does not match ^[a-z][a-z0-9-]*$' },
}, function(t, row)
  local got = t.call(row.call)
  if row.refused then
    t.expect(got.error):has { code = "bad_name", message = row.refused }
  else
    t.expect(got.outcome):is("completed")
  end
end)

test.table("options", {
  { name = "required", options = { required = true }, call = share(""), refused = "share has no name" },
  { name = "required, of a snapshot", options = { required = true }, call = snapshot(""), refused = "snapshot has no name" },
  { name = "required and there", options = { required = true }, call = share("a") },
  { name = "not quite required", options = { required = "yes" }, call = share("") },
  { name = "pattern", options = { pattern = "%u+" }, call = share("ABC") },
  { name = "pattern, as a whole", options = { pattern = "%u+" }, call = share("ABCd"), refused = 'share name "ABCd" does not match ^%u+$' },
  { name = "length", options = { max_length = 3 }, call = share("abc") },
  { name = "length, too long", options = { max_length = 3 }, call = share("abcd"), refused = "share name is longer than 3 bytes" },
}, function(t, row)
  t.options(row.options)
  local got = t.call(row.call)
  if row.refused then
    t.expect(got.error):has { code = "bad_name", message = row.refused }
  else
    t.expect(got.outcome):is("completed")
  end
end)

function test.an_option_that_is_none_stops_the_script(t)
  t.options { max_lenght = 1 }
  t.expect(function() t.call(share("a")) end):raises('unknown option "max_lenght": want pattern, max_length and required')
end
