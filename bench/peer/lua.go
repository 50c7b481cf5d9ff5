package peer

// What those run who call functions of Lua with nothing but a share.
const (
	PolicyInLua = `function policy(share)
  return share.size <= 500 and share.status == "available" and share.host ~= ""
end`
	SetInLua = `function set(share)
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`
	SetNestedInLua = `function set(managed)
  local share = managed.share
  if share.size >= 0 and share.status == "available" and share.host ~= "" then share.name = "renamed" end
end`
	sumInLua = `function sum(shares)
  local total = 0
  for _, share in ipairs(shares) do
    if share.status == "available" then total = total + share.size end
  end
  return total
end`
	SumByIndexInLua = `function sum(shares)
  local total = 0
  for i = 1, #shares do
    local share = shares[i]
    if share.status == "available" then total = total + share.size end
  end
  return total
end`
)
