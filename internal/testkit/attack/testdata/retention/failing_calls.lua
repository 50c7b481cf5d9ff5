-- expect: killed|error | a failed call keeps its error, its globals are lost all the same
-- as: hook
-- calls: 60
kept = {}
function pre.attack() for i = 1, 2e4 do kept[#kept + 1] = { i, "x" .. i } end error("again") end
