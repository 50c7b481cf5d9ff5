-- A call in brackets is one value wherever it stands, also where the main loop does the call itself.

local list = { 4, 5 }

local function kind(v) return (type(v)) end
local function key(t) return (next(t)) end
local function step(t) return (pairs(t)) end
local function count(...) return select("#", ...) end

function test_a_call_in_brackets_returns_one_value()
  assert(count(kind(1)) == 1)
  assert(count(key(list)) == 1)
  assert(count(step(list)) == 1)
  assert(count((ipairs(list))) == 1)
  local a, b = kind(1)
  assert(a == "number" and b == nil and tostring(b) == "nil")
end

function test_a_call_in_brackets_is_one_item()
  assert(#{ (type(1)) } == 1)
  assert(#{ (type(1)), (next(list)) } == 2)
  assert(#{ 1, 2, (next(list)) } == 3)
  assert(next({ (next({})) }) == nil)
end

function test_a_call_in_brackets_is_one_argument()
  assert(count((type(1))) == 1)
  assert(count(1, (next(list))) == 2)
  assert(count((next({}))) == 1)
  assert(count((type((type((next(list))))))) == 1)
end

function test_the_step_of_a_loop_leaves_nothing_behind()
  for k, v in pairs(list) do
    assert(count((next(list, k))) == 1)
  end
  for _ in ipairs(list) do end
  assert(count((next(list))) == 1)
  local iterate, t = ipairs(list)
  assert(count(iterate(t, 2)) == 0)
  assert(count(iterate(t, 1)) == 2)
  assert(count((iterate(t, 1))) == 1)
end

function test_the_fields_of_records_leave_nothing_behind(share)
  local function id() return (share.id) end
  assert(count(id()) == 1)
  assert(#{ (share.id), (share.size) } == 2)
  assert(count((share.metadata.zone), (type(share.id))) == 2)
  local function write() share.size = 5 return (type(share.size)) end
  assert(count(write()) == 1)
end
