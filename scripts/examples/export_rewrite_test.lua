-- Which paths export_rewrite.lua changes.

local locations = {
  { path = "10.0.0.5:/a" },
  { path = "10.0.0.55:/b" },
  { path = "10.0.0.5:/admin", is_admin_only = true },
  { path = "nas:10.0.0.5:/c" },
}

local function paths(got)
  local all = {}
  for i, location in ipairs(got.result.export_locations) do
    all[i] = location.path
  end
  return all
end

test.table("result of", {
  { name = "create_share_instance", args = { share = { id = "s-1" } } },
  { name = "create_snapshot", args = { snapshot = { id = "sn-1" } } },
  { name = "manage_share", args = { share = { id = "s-1" }, driver_options = {} } },
}, function(t, row)
  local got = t.call { method = row.name, args = row.args, result = { export_locations = locations } }
  t.expect(paths(got)):is { "shares.example.org:/a", "10.0.0.55:/b", "10.0.0.5:/admin", "nas:10.0.0.5:/c" }
end)

function test.addresses_are_options(t)
  t.options { from = "nas", to = "files.example.net" }
  local got = t.call { method = "create_snapshot", args = { snapshot = {} }, result = { export_locations = locations } }
  t.expect(paths(got)):is { "10.0.0.5:/a", "10.0.0.55:/b", "10.0.0.5:/admin", "files.example.net:10.0.0.5:/c" }
end
