-- expect: true
-- calls: 20
-- A pattern for each value, as a script makes them from data: those that were compiled do not stay.
for i = 1, 200 do assert(re.match("share-" .. i, "^[a-z]{2,30}-" .. i .. "$")) end
return true
