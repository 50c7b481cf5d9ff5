-- cidr.lua: IPv4 addresses and networks, for hooks that require "cidr".
--
-- Lua 5.1 has no bit operations and needs none here: an address is a number, and a network the range from its first
-- to its last address.

local cidr = {}

---@class cidr.Range
---@field first number the first address, 0 to 2^32 - 1
---@field last number the last address

---@param text string
---@return number? address nil when it is not an IPv4 address in dotted decimal form
local function address(text)
  local value, octets = 0, 0
  for octet in (text .. "."):gmatch("(.-)%.") do
    -- A leading zero is refused: some systems read it as octal, so that 010.0.0.1 would be two different hosts.
    if not octet:find("^%d%d?%d?$") or octet:find("^0%d") or tonumber(octet) > 255 then
      return nil
    end
    value = value * 256 + tonumber(octet)
    octets = octets + 1
  end
  return octets == 4 and value or nil
end

---Reads an address such as "10.0.0.5" or a network such as "10.0.0.0/8". Host bits below the prefix are ignored.
---@param text string
---@return cidr.Range? range nil when the text is neither
---@return string? problem what is wrong with the text
function cidr.parse(text)
  if text:find(":", 1, true) then
    return nil, ("%q: want an IPv4 address, got IPv6"):format(text)
  end
  local host, prefix = text:match("^([^/]*)/(%d%d?)$")
  local value, bits = address(host or text), tonumber(prefix or "32")
  if not value or bits > 32 then
    return nil, ("%q: want an IPv4 address or network such as 10.0.0.0/8"):format(text)
  end
  local size = 2 ^ (32 - bits)
  local first = value - value % size
  return { first = first, last = first + size - 1 }
end

---Reports whether all addresses of a range are in a network.
---@param network cidr.Range
---@param range cidr.Range
---@return boolean
function cidr.contains(network, range)
  return network.first <= range.first and range.last <= network.last
end

return cidr
