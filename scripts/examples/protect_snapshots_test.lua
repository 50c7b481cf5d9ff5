-- Which snapshots protect_snapshots.lua keeps. Tests begin on 2026-01-01.

local function delete(metadata, force, admin)
  return {
    method = "delete_snapshot", context = { is_admin = admin },
    args = { snapshot = { id = "sn-1", metadata = metadata }, force = force },
  }
end

test.table("snapshots", {
  { name = "nothing said", metadata = {} },
  { name = "protected", metadata = { protected = true }, why = "is protected" },
  { name = "protected, as a text", metadata = { protected = "true" }, why = "is protected" },
  { name = "protected, in capitals", metadata = { protected = "True" }, why = "is protected" },
  { name = "not protected", metadata = { protected = "false" } },
  { name = "kept", metadata = { keep_until = "2026-01-02" }, why = "is kept until 2026-01-02" },
  { name = "kept today", metadata = { keep_until = "2026-01-01" }, why = "is kept until 2026-01-01" },
  { name = "not kept any more", metadata = { keep_until = "2025-12-31" } },
  { name = "kept until a number", metadata = { keep_until = 2030 }, why = 'is kept: keep_until is no date such as 2030-12-31, but "2030"' },
  { name = "kept until another date", metadata = { keep_until = "1.1.2030" }, why = 'is kept: keep_until is no date such as 2030-12-31, but "1.1.2030"' },
}, function(t, row)
  local got = t.call(delete(row.metadata))
  if row.why then
    t.expect(got.error):has { code = "snapshot_protected", message = "snapshot sn-1 " .. row.why }
  else
    t.expect(got.outcome):is("completed")
  end
end)

function test.a_day_is_kept_to_its_end(t)
  t.clock("2026-01-01T23:59:59Z")
  t.expect(t.call(delete({ keep_until = "2026-01-01" })).outcome):is("rejected")
  t.advance("1s")
  t.expect(t.call(delete({ keep_until = "2026-01-01" })).outcome):is("completed")
end

test.table("force", {
  { name = "an admin who may", may = true, force = true, admin = true, outcome = "completed" },
  { name = "an admin who may not", may = false, force = true, admin = true, outcome = "rejected" },
  { name = "by default", force = true, admin = true, outcome = "rejected" },
  { name = "without force", may = true, force = false, admin = true, outcome = "rejected" },
  { name = "no admin", may = true, force = true, admin = false, outcome = "rejected" },
}, function(t, row)
  t.options { admins_may_force = row.may }
  local got = t.call(delete({ protected = true }, row.force, row.admin))
  t.expect(got.outcome):is(row.outcome)
  if row.outcome == "completed" then
    t.expect(got.logs):has { level = "warn", fields = { snapshot = "sn-1", why = "is protected" } }
  end
end)

test.table("a share with its snapshots", {
  { name = "without force", force = false, outcome = "completed" },
  { name = "with force", force = true, admin = true, outcome = "rejected" },
  { name = "an admin who may", may = true, force = true, admin = true, outcome = "completed", warns = true },
  { name = "no admin", may = true, force = true, admin = false, outcome = "rejected" },
}, function(t, row)
  t.options { admins_may_force = row.may }
  local got = t.call {
    method = "delete_share_instance", context = { is_admin = row.admin }, args = { share = { id = "s-1" }, force = row.force },
  }
  t.expect(got.outcome):is(row.outcome)
  if row.outcome == "rejected" then
    t.expect(got.error):has {
      code = "snapshot_protected", message = "share s-1 may have protected snapshots, which force would delete with it",
    }
  elseif row.warns then
    t.expect(got.logs):has { level = "warn", fields = { share = "s-1" } }
  else
    t.expect(got.logs):is {}
  end
end)

function test.an_option_that_is_none_stops_the_script(t)
  t.options { admin_may_force = true }
  t.expect(function() t.call(delete({})) end):raises('unknown option "admin_may_force": want admins_may_force')
end
