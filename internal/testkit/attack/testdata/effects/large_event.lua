-- expect: error|killed
-- uses: effects
events.publish("large", {text = ("x"):rep(20e6)})
