-- What expectations say. A line that fails says how.

function test.is(t)
  t.expect(1):is(1)
  t.expect("a"):is("a")
  t.expect(nil):is(nil)
  t.expect(0 / 0):is(0 / 0)
  t.expect({}):is {}
  t.expect({ 1, { a = "b" } }):is { 1, { a = "b" } }
  t.expect(null):is(null)
  t.expect(1):is(2) -- fails: want 2, got 1
  t.expect(0.1 + 0.2):is(0.3) -- fails: want 0.3, got 0.30000000000000004
  t.expect({ 2 ^ 53 }):is { 2 ^ 53 - 1 } -- fails: want { 9007199254740991 }, got { 9007199254740992 }; [1]: want 9007199254740991, got 9007199254740992
  t.expect(1):is("1") -- fails: want "1", got 1
  t.expect(nil):is(false) -- fails: want false, got nil
  t.expect("a\nb"):is("a") -- fails: want "a", got "a\nb"
  t.expect({ 1, 2 }):is { 1, 3 } -- fails: want { 1, 3 }, got { 1, 2 }; [2]: want 3, got 2
  t.expect({ a = { b = 1 }, ["x y"] = 2 }):is { a = { b = 2 }, c = 3 } -- fails: want { a = { b = 2 }, c = 3 }, got { a = { b = 1 }, ["x y"] = 2 }; a.b: want 2, got 1; c: want 3, got nil; ["x y"]: want nil, got 2
end

function test.is_of_deep_tables_and_cycles(t)
  local function nested(n, inner)
    return n == 0 and inner or { a = nested(n - 1, inner) }
  end
  t.expect(nested(90, { 1 })):is(nested(90, { 1 }))
  t.expect(nested(90, { 1 })):is_not(nested(90, { 2 }))
  local one, two, other = {}, {}, { b = 1 }
  one.a, two.a, other.a = one, { a = two }, other
  t.expect(one):is(two):is_not(other)
  t.expect(nested(120, 1)):is(nested(120, 2)) -- fails: want tables that are at most 100 deep
end

function test.is_shows_where_long_texts_differ(t)
  local text = ("a"):rep(70)
  t.expect(text .. "b"):is(text .. "cd") -- fails: want "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacd", got "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"; byte 71: want ..."aaaaaaaaaaaaaaaaaaaaaaaaaaaaaacd", got ..."aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
end

function test.is_of_functions(t)
  t.expect(print):is(print)
  t.expect({ print }):is { t.call } -- fails: want { a function }, got { a function }; [1]: want a function, got another function
end

function test.is_not(t)
  t.expect(1):is_not(2):is_not(nil)
  t.expect({ 1 }):is_not { 2 }
  t.expect({ 1 }):is_not { 1 } -- fails: want not { 1 }, got { 1 }
end

function test.has(t)
  t.expect({ a = 1, b = 2 }):has { a = 1 }
  t.expect({ { a = 1, b = 2 }, { a = 3 } }):has { a = 3 }
  t.expect({ { a = 1, b = 2 }, { a = 3 } }):has { { a = 3 }, { b = 2 } }
  t.expect({ "x", "y" }):has("y")
  t.expect({ a = { "x", "y" } }):has { a = { "y" } }
  t.expect("some text"):has("me te")
  t.expect({ a = 1 }):has { a = 2 } -- fails: want { a = 2 }, got { a = 1 }; a: want 2, got 1
  t.expect({ a = { b = 1, c = 2 } }):has { a = { b = 2 } } -- fails: want { a = { b = 2 } }, got { a = { b = 1, c = 2 } }; a.b: want 2, got 1
  t.expect({ "x" }):has("z") -- fails: want "z", got { "x" }
  t.expect("text"):has("e.t") -- fails: want "e.t", got "text"
  t.expect({ a = {}, b = { {} }, c = 1 }):has { a = {}, b = { {} } }
  t.expect({ { a = {}, b = 1 }, { a = { 1 } } }):has { a = {} }
  t.expect({ a = 1, b = { 2 } }):has { a = 1, b = {} } -- fails: want { a = 1, b = {} }, got { a = 1, b = { 2 } }; b: want {}, got { 2 }
  t.expect({ a = { b = { c = 1 } } }):has { a = { b = {} } } -- fails: want { a = { b = {} } }, got { a = { b = { c = 1 } } }; a.b: want {}, got { c = 1 }
  t.expect({ a = 1 }):has { a = 1, b = {} } -- fails: want { a = 1, b = {} }, got { a = 1 }; b: want {}, got nil
  t.expect({ { 1 }, { a = 1 } }):has { {} } -- fails: want { {} }, got { { 1 }, { a = 1 } }
  t.expect({ { {} } }):has { { {} } }
  t.expect({ { 1, {} } }):has { { 1, {} } }
  t.expect({ { 1, { { {} } } } }):has { {} }
  t.expect({ { 1, { { a = {} } } } }):has { {} } -- fails: want { {} }, got { { 1, { { a = {} } } } }
  t.expect(nil):has { a = 1 } -- fails: want { a = 1 }, got nil
end

function test.has_not(t)
  t.expect({ "x" }):has_not("y")
  t.expect({ a = { 1 } }):has_not { a = {} }
  t.expect({ a = {} }):has_not { a = {} } -- fails: want not { a = {} }, got { a = {} }
  t.expect({ a = 1 }):has_not { a = 1 } -- fails: want not { a = 1 }, got { a = 1 }
end

function test.matches(t)
  t.expect("share-17"):matches("^share%-%d+$")
  t.expect("share"):matches_not("%d")
  t.expect(5):matches_not("x")
  t.expect("share"):matches("%d") -- fails: want "%d", got "share"
  t.expect(nil):matches("%d") -- fails: want "%d", got nil
  t.expect("a1"):matches_not("%d") -- fails: want not "%d", got "a1"
end

function test.near(t)
  t.expect(0.1 + 0.2):near(0.3)
  t.expect(10):near(11, 1)
  t.expect(10):near(12, 1) -- fails: want 12 ± 1, got 10
  t.expect("10"):near(10) -- fails: want 10 ± 1e-06, got "10"
end

function test.raises(t)
  t.expect(function() error("no room (100%)") end):raises("no room (100%)"):raises("room"):raises("100%%")
  t.expect(function() error { message = "gone", code = "x" } end):raises("gone")
  t.expect(function() error { code = "x" } end):raises('code = "x"')
  t.expect(function() return 1 end):raises_not()
  t.expect(function() end):raises() -- fails: want an error, got none
  t.expect(function() end):raises("no") -- fails: want "no", got none
  t.expect(function() error("other", 0) end):raises("no") -- fails: want "no", got "other"
  t.expect(function() error("other", 0) end):raises_not() -- fails: want none, got "other"
end

-- A helper is told where it is, since its line says what was expected.
local function expect_small(t, n)
  t.expect(n < 5):is(true) -- fails: want true, got false
end

function test.helper(t)
  expect_small(t, 3)
  expect_small(t, 7)
end

-- A helper that ends in a call has no place any more; that of its caller is told.
local function tail(t, n)
  return t.expect(n):is(1)
end

function test.helper_that_returns_a_call(t)
  tail(t, 2) -- fails: want 1, got 2
end

function test.that_returns_a_call(t) -- fails: want 1, got 2
  return t.expect(2):is(1)
end

function test.has_of_itself(t)
  local list = { 1 }
  list[2] = list
  t.expect(list):has(1):has { 1 }
  t.expect(list):has { { 3 } } -- fails: want tables that are at most 100 deep
end

function test.assert_ends_a_test(t)
  t.expect(1):is(1)
  assert(t.name == "assert_ends_a_test")
  assert(1 == 2, "one is not two") -- fails: one is not two
  t.expect(1):is(2)
end

function test.errors_end_a_test(t)
  t.expect(1):is(3) -- fails: want 3, got 1
  local nothing
  return nothing.field -- fails: attempt to index local 'nothing' (a nil value)
end

test.table("rows", { { n = 1 }, { name = "named", n = 2 }, { name = "named", n = 3 }, "text" }, function(t, row)
  local known = { ["rows/1"] = 1, ["rows/named"] = 2, ["rows/named#3"] = 3, ["rows/4"] = "text" }
  t.expect(type(row) == "table" and row.n or row):is(known[t.name])
end)
