-- reject ends the run at once. Nothing can catch it.

function test_plain()
  reject("too large", "quota")                     --> rejected: too large
end

function test_without_code()
  reject("no")                                     --> rejected: no
end

function test_pcall()
  pcall(reject, "in pcall")                        --> rejected: in pcall
  error("went on")
end

function test_pcall_of_a_function()
  local ok = pcall(function()
    reject("inside")                               --> rejected: inside
  end)
  error("went on")
end

function test_xpcall()
  xpcall(function()
    error("first")
  end, function()
    reject("in the handler")                       --> rejected: in the handler
  end)
  error("went on")
end

function test_many_pcalls()
  local function nest(n)
    if n == 0 then
      reject("deep")                               --> rejected: deep
    end
    pcall(nest, n - 1)
    reject("later")
  end
  nest(30)
end

function test_coroutine()
  local co = coroutine.create(function()
    coroutine.yield()
    reject("in a coroutine")                       --> rejected: in a coroutine
  end)
  coroutine.resume(co)
  pcall(coroutine.resume, co)
  error("went on")
end

function test_wrap_in_an_iterator()
  for x in coroutine.wrap(function() coroutine.yield(1) pcall(reject, "iterating") end) do  --> rejected: iterating
  end
  error("went on")
end

function test_metamethod()
  local t = setmetatable({}, {__index = function(_, k)
    reject("no " .. k)                             --> rejected: no field
  end})
  pcall(function() return t.field end)
end

function test_sort()
  table.sort({2, 1}, function() reject("unordered") end)  --> rejected: unordered
end

function test_gsub()
  local s = ("abc"):gsub(".", function() reject("letters") end)  --> rejected: letters
end

function test_only_the_first_counts()
  local ok = pcall(function()
    local t = setmetatable({}, {__index = function() reject("second") end})
    reject("first" .. (t and ""))                  --> rejected: first
  end)
end

function test_the_message_must_be_text()
  reject()                                         --> bad argument #1 to 'reject' (string expected, got no value)
  reject({})                                       --> bad argument #1 to 'reject' (string expected, got table)
  reject("x", {})                                  --> bad argument #2 to 'reject' (string expected, got table)
  reject(null)                                     --> bad argument #1 to 'reject' (string expected, got null)
end

function test_z_numbers_are_text()
  reject(42)                                       --> rejected: 42
end
