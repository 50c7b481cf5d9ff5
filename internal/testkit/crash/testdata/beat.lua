-- beat.lua: counts ticks, of which each fifth fails.
function periodic(_, tick)
  events.publish("beat.tick", { n = state.incr("order/beat"), call = tick }, { subject = "beat" })
  if tick % 5 == 0 then error("as planned") end
end
