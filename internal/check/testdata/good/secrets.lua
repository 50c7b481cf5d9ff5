-- secrets.lua: signs what is told to others, splits keys, and compares what comes back. No secret is ever logged.
local words = require "words"

local key = options.key or "an example"
local nonces = {}

local function signature(text)
  return crypto.base64(crypto.hmac_sha256(key, text))
end

local function sign(data)
  local nonce = crypto.uuid()
  nonces[nonce] = time.now()
  local text = json.encode({ nonce = nonce, data = data })
  return { text = text, signature = signature(text) }
end

local function verify(message)
  local raw, problem = crypto.unbase64(message.signature)
  if not raw then return nil, problem end
  if not crypto.equal(crypto.base64(raw), signature(message.text)) then
    return nil, "the signature does not fit"
  end
  local decoded = json.decode(message.text)
  if not nonces[decoded.nonce] then
    return nil, "the nonce is not known"
  end
  nonces[decoded.nonce] = nil
  return decoded.data
end

local function expire(seconds)
  local now, gone = time.now(), 0
  for nonce, at in pairs(nonces) do
    if now - at > seconds then
      nonces[nonce] = nil
      gone = gone + 1
    end
  end
  return gone
end

local function flags(n)
  local set = {}
  for place = 0, 7 do
    if bit.band(bit.rshift(n, place), 1) == 1 then
      set[#set + 1] = place
    end
  end
  return set
end

local function checksum(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + text:byte(i)) % 65521
    b = (b + a) % 65521
  end
  return bit.bor(bit.lshift(b, 16), a)
end

function pre.publish_service_capabilities(call)
  local told = sign({ service = service.name, call = call.id })
  local back, why = verify(told)
  assert(back and back.service == service.name, why)
  return { sum = checksum(told.text), flags = flags(#told.text % 256) }
end

function post.publish_service_capabilities(call, result)
  result.capabilities.extra.signed = true
  for i, pool in ipairs(result.capabilities.pools) do
    log.debug("pool " .. i, { pool = pool })
  end
  log.info("signed", { flags = call.pre.flags, gone = expire(60), parts = words.split("a,b", ",", true) })
end

function periodic()
  local made = {}
  for i = 1, 3 do
    made[i] = crypto.hex(crypto.random(4))
  end
  if re.match(made[1], "^[0-9a-f]{8}$") then
    local replaced, n = re.replace(table.concat(made, " "), "([a-f])", "<$1>", 5)
    log.debug(replaced, { n = n, pieces = #re.split(replaced, [[\s+]]) })
  end
end
