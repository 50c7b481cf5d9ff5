-- What default_metadata.lua adds to new shares and snapshots.

local function create(t, options, metadata, context)
  t.hook("default_metadata.lua", { change_args = true, options = options })
  return t.call { method = "create_share_instance", context = context, args = { share = { metadata = metadata } } }
end

test.table("share", {
  { name = "nothing set", context = { user_id = "ada" }, metadata = {}, want = { managed_by = "hookrun", requested_by = "ada" }, added = { "managed_by", "requested_by" } },
  { name = "nobody asks", metadata = {}, want = { managed_by = "hookrun" }, added = { "managed_by" } },
  { name = "set already", context = { user_id = "ada" }, metadata = { managed_by = "me", requested_by = "eve" }, want = { managed_by = "me", requested_by = "eve" }, added = {} },
  { name = "other keys", options = { metadata = { tier = "gold", a = 1 }, owner = "owner" }, context = { user_id = "ada" }, metadata = { x = "y" },
    want = { x = "y", tier = "gold", a = 1, owner = "ada" }, added = { "a", "owner", "tier" } },
  { name = "no owner", options = { owner = false }, context = { user_id = "ada" }, metadata = {}, want = { managed_by = "hookrun" }, added = { "managed_by" } },
  { name = "false is set", metadata = { managed_by = false }, want = { managed_by = false }, added = {} },
}, function(t, row)
  local got = create(t, row.options or {}, row.metadata, row.context)
  t.expect(got.driver.args.share.metadata):is(row.want)
  t.expect(got.steps[1].returned.added):is(row.added)
end)

function test.the_added_keys_are_in_order(t)
  local got = create(t, { metadata = { d = 1, b = 1, c = 1, a = 1, z = 1, e = 1 }, owner = "k" }, {}, { user_id = "ada" })
  t.expect(got.steps[1].returned.added):is { "a", "b", "c", "d", "e", "k", "z" }
end

function test.a_snapshot_gets_the_same(t)
  t.hook("default_metadata.lua", { change_args = true })
  local got = t.call { method = "create_snapshot", args = { snapshot = { id = "sn-1" } } }
  t.expect(got.driver.args.snapshot.metadata):is { managed_by = "hookrun" }
  t.expect(got.steps[1].returned):is { added = { "managed_by" } }
end
