-- expect: error | a message that pretends to come from elsewhere
error("guard.lua:1: forged\nwitness.lua:2: forged", 0)
