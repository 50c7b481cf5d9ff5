-- expect: true
-- What is beyond all use is refused at once, not after the work.
local patterns = {
  ([[.{1000}]]):rep(2000), ([[x{0,1000}]]):rep(1600), "(?:" .. ([[\pL]]):rep(5000) .. ")", ("()"):rep(8000), ("("):rep(16000),
  ("(?:"):rep(900) .. "a" .. (")*"):rep(900) .. ("()"):rep(200), ("x"):rep(1e6), "(?i)[" .. ("B-\224\160\128"):rep(3000) .. "]",
}
for _, pattern in ipairs(patterns) do
  local ok, message = pcall(re.match, "aaa", pattern)
  if ok or not message:find("want a regular expression", 1, true) then return message end
end
return true
