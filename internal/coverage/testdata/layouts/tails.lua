-- Tail calls of library functions return in Lua 5.1; those of Lua functions, and those that fail, do not.
local function plain(
  v
)
  return v
end

local function library()
  return tostring(
    1
  )
end

local function lua()
  return plain(
    1
  )
end

local function fails()
  return error(
    "no"
  )
end

local function callable()
  return setmetatable({}, { __call = function(_, v)
    return v
  end })(
    1
  )
end

local function nested()
  return pcall(
    fails
  )
end

local function sorted()
  return table.sort(
    { 3, 2, 1 },
    function(a, b)
      return tostring(
        a
      ) < tostring(
        b
      )
    end
  )
end

local function resumes()
  return coroutine.resume(
    coroutine.create(
      function()
        return coroutine.yield(
          1
        )
      end
    )
  )
end

library() lua() pcall(fails) callable() nested() sorted() resumes()
local co = coroutine.wrap(function()
  local x = coroutine.yield(
    1
  )
  return coroutine.yield(
    x
  )
end)
co() co() co()
local left = coroutine.wrap(function()
  coroutine.yield(1)
  return 2
end)
left()

-- What fails at once may run on the thread on which a tail call has just returned.
local function again()
  return tostring(
    {}
  )
end
pcall(again)
pcall(error)
