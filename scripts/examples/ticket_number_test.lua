-- The numbers of ticket_number.lua.

local call = { method = "create_share_instance", args = { share = { id = "s-1", metadata = { a = "b" } } } }

function test.each_share_gets_the_next_number(t)
  t.hook("ticket_number.lua", { change_args = true })
  t.expect(t.call(call).driver.args.share.metadata):is { a = "b", ticket = "NAS-000001" }
  t.expect(t.call(call).driver.args.share.metadata.ticket):is("NAS-000002")
end

function test.the_number_of_a_call_that_fails_is_lost(t)
  t.hook("ticket_number.lua", { change_args = true, options = { prefix = "T" } })
  t.call { method = "create_share_instance", args = call.args, driver_error = "no space" }
  t.expect(t.call(call).driver.args.share.metadata.ticket):is("T-000002")
end
