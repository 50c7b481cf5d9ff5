require("cycle_b")
