-- lru.lua: a cache that forgets what was not asked for longest.
local lru = {}

local function detach(node)
  node.before.after, node.after.before = node.after, node.before
end

local function attach(head, node)
  node.before, node.after = head, head.after
  head.after.before = node
  head.after = node
end

function lru.new(most)
  local head = {}
  head.before, head.after = head, head
  local nodes, n = {}, 0
  local cache = {}

  function cache.get(key)
    local node = nodes[key]
    if not node then return nil end
    detach(node)
    attach(head, node)
    return node.value
  end

  function cache.set(key, value)
    local node = nodes[key]
    if node then
      node.value = value
      detach(node)
      attach(head, node)
      return
    end
    if n >= most then
      local last = head.before
      detach(last)
      nodes[last.key] = nil
      n = n - 1
    end
    node = { key = key, value = value }
    nodes[key] = node
    attach(head, node)
    n = n + 1
  end

  function cache.count() return n end

  function cache.keys()
    local keys, node = {}, head.after
    while node ~= head do
      keys[#keys + 1] = node.key
      node = node.after
    end
    return keys
  end

  return cache
end

return lru
