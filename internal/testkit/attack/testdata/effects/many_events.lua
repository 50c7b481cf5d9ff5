-- expect: error|ok
-- as: hook
-- uses: effects
-- calls: 4
-- timeout: 5s
local data = {("x"):rep(1000)}
local function publish()
  for i = 1, 2000 do events.publish("large", data, {subject = tostring(i)}) end
end
function pre.attack() pcall(publish) end
function post.attack() publish() end
