-- Who gets in by access_allowlist.lua, and with which words others do not.

local function allow(kind, client)
  return { method = "allow_access", args = { share = { id = "s-1" }, access = { access_type = kind, access_to = client, access_level = "ro" } } }
end

local outside = "203.0.113.7 is in none of the allowed networks"
local unreadable = '"10.0.0.256": want an address, or a network such as 10.0.0.0/8'

test.table("by default", {
  { name = "private", kind = "ip", client = "10.1.2.3" },
  { name = "private, a network", kind = "ip", client = "172.16.5.0/24" },
  { name = "private, the last one", kind = "ip", client = "192.168.255.255" },
  { name = "private, IPv6", kind = "ip", client = "fd00::1" },
  { name = "public", kind = "ip", client = "203.0.113.7", refused = outside },
  { name = "no address", kind = "ip", client = "10.0.0.256", refused = unreadable },
  { name = "a user", kind = "user", client = "ada", refused = 'access type "user" is allowed for listed clients only' },
}, function(t, row)
  local got = t.call(allow(row.kind, row.client))
  if row.refused then
    t.expect(got.error):has { code = "access_denied", message = row.refused }
  else
    t.expect(got.outcome):is("completed")
    t.expect(got.logs):has { level = "info", fields = { client = row.client, level = "ro", share = "s-1" } }
  end
end)

test.table("networks and exact clients of the options", {
  { kind = "ip", client = "203.0.113.7", outcome = "completed" },
  { kind = "ip", client = "10.1.2.3", outcome = "rejected" },
  { kind = "ip", client = "198.51.100.1", outcome = "completed" },
  { kind = "user", client = "ada", outcome = "completed" },
  { kind = "ip", client = "storage.example.org", outcome = "completed" },
  { kind = "user", client = "grace", outcome = "rejected" },
}, function(t, row)
  t.options { networks = { "203.0.113.0/24" }, exact = { "ada", "198.51.100.1", "storage.example.org" } }
  t.expect(t.call(allow(row.kind, row.client)).outcome):is(row.outcome)
end)

function test.a_network_that_cannot_be_read_stops_the_script(t)
  t.options { networks = { "10.0.0.0/8", "10.0.0.0/99" } }
  t.expect(function() t.call(allow("ip", "10.0.0.1")) end):raises("10.0.0.0/99")
end

function test.an_option_that_is_none_stops_the_script(t)
  t.options { network = { "192.168.7.0/24" } }
  t.expect(function() t.call(allow("ip", "10.0.0.1")) end):raises('unknown option "network": want networks and exact')
end
