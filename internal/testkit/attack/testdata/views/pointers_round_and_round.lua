-- expect: killed | one view a pointer, so a walk without end makes nothing
local t = call and call.args.tree
while t do t = t.next or call.args.tree end
while true do end
