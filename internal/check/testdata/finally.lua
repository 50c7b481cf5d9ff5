-- What finally gets: the outcome is read only, with the result of the method.

function finally.create_snapshot(call, outcome)
  print(call.phase == "finally", call.args.snapshot.id, outcome.duration, outcome.driver_called)
  if outcome.status == "complete" then --> outcome.status is never "complete" (did you mean "completed"?)
    print(outcome.result.provider_location)
    print(outcome.result.provider_locaton) --> outcome.result.provider_locaton: no such field (did you mean "provider_location"?)
    outcome.result.size = 3 --> outcome.result.size: read only
    outcome.result.export_locations[1].path = "/" --> outcome.result.export_locations[1].path: read only
    table.insert(outcome.result.export_locations, {}) --> outcome.result.export_locations: read only
  elseif outcome.error and outcome.error.source == "drvier" then --> outcome.error.source is never "drvier" (did you mean "driver"?)
    print(outcome.eror) --> outcome.eror: no such field (did you mean "error"?)
  end
  outcome.status = "completed" --> outcome.status: read only
end

function finally.create_snapshto(call, outcome) end --> finally.create_snapshto: the service has no method "create_snapshto" (did you mean "create_snapshot"?)

local function finaly() end
finaly()
