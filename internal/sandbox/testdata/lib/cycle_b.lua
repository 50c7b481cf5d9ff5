require("cycle_a")
