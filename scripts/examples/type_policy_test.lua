-- Which types of shares type_policy.lua lets a project make.

test.table("types", {
  { name = "any, without options", options = {}, project = "media", type = "gold" },
  { name = "listed", options = { types = { "default", "gold" } }, project = "media", type = "gold" },
  { name = "not listed", options = { types = { "default", "gold" } }, project = "media", type = "silver",
    refused = 'share type "silver" is not for project media: default, gold' },
  { name = "of the project", options = { types = { "default" }, projects = { render = { "fast" } } }, project = "render", type = "fast" },
  { name = "not of the project", options = { types = { "default" }, projects = { render = { "fast" } } }, project = "render", type = "default",
    refused = 'share type "default" is not for project render: fast' },
  { name = "of another project", options = { projects = { render = { "fast" } } }, project = "media", type = "slow" },
  { name = "none", options = { types = {} }, project = "media", type = "default",
    refused = 'share type "default" is not for project media: ' },
}, function(t, row)
  t.options(row.options)
  local got = t.call { method = "create_share_instance", args = { share = { project_id = row.project, share_type = row.type } } }
  if row.refused then
    t.expect(got.error):has { code = "type_not_allowed", message = row.refused }
  else
    t.expect(got.outcome):is("completed")
  end
end)

function test.an_option_that_is_none_stops_the_script(t)
  t.options { type = { "gold" } }
  t.expect(function() t.call({ method = "create_share_instance" }) end):raises('unknown option "type": want types and projects')
end
