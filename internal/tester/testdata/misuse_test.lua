-- What is written wrongly in a test ends it at that line.

function test.unknown_expectation(t)
  t.expect(1):equals(1) -- fails: expect(...) has no "equals": it has has, has_not, is, is_not, matches, matches_not, near, raises, raises_not
end

function test.nearly_known_expectation(t)
  t.expect("a"):matchs("a") -- fails: expect(...) has no "matchs" (did you mean "matches"?)
end

function test.unknown_function(t)
  t.cal {} -- fails: t has no "cal" (did you mean "call"?)
end

function test.dot_for_colon(t)
  t.expect(1).is(1) -- fails: want a colon before is, as in t.expect(v):is(...)
end

function test.no_value(t)
  t.expect():is(1) -- fails: expect: want a value, got none
end

function test.nothing_to_compare_with(t)
  t.expect(nil):is() -- fails: is: want a value to compare with, got none
end

function test.nothing_to_look_for(t)
  local code = {}
  t.expect({}):has_not { code = "full" }
  t.expect({ code = "full" }):has { code = code.ful } -- fails: has: want a part to look for, got {}, which is a part of each
end

function test.no_text_to_look_for(t)
  t.expect("a"):has_not("") -- fails: has_not: want a part to look for, got "", which is a part of each
end

function test.no_tolerance(t)
  t.expect(1):near(1, -1) -- fails: near: want a tolerance of 0 or more, got -1
end

function test.pattern_of_no_error(t)
  t.expect(print):raises_not("x") -- fails: raises_not: want no pattern: it is to raise no error at all
end

function test.colon_for_dot(t)
  t:call {} -- fails: want a dot before call, as in t.call(...)
end

function test.colon_before_expect(t)
  t:expect(1):is(1) -- fails: want a dot before expect, as in t.expect(...)
end

function test.no_data(t)
  t.call { args = print } -- fails: call: argument 1.args: want data, got function
end

function test.no_pattern(t)
  t.expect("a"):matches(1) -- fails: matches: want a pattern, got number
end

function test.no_number(t)
  t.expect(1):near("1") -- fails: near: want a number, got string
end

function test.no_function(t)
  t.expect(1):raises() -- fails: raises: want a function in t.expect(...), got number
end

function test.complaint_of_the_world(t)
  t.call { refused = "want something else" } -- fails: want something else
end

function test.field_that_a_call_has_not(t)
  local got = t.call { a = 1 }
  t.expect(got.asked):is { a = 1 }
  t.expect(got.anwser):is(1) -- fails: the call has no "anwser" (did you mean "answer"?)
end
