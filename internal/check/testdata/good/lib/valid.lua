-- valid.lua: says what is wrong with a value, with the path to it.
local valid = {}

local checks = {}

function checks.type(value, want)
  if type(value) ~= want then
    return ("want %s, got %s"):format(want, type(value))
  end
end

function checks.min(value, least)
  if tonumber(value) and tonumber(value) < least then
    return "want " .. least .. " or more, got " .. value
  end
end

function checks.max(value, most)
  if tonumber(value) and tonumber(value) > most then
    return "want " .. most .. " or less, got " .. value
  end
end

function checks.pattern(value, pattern)
  if type(value) == "string" and not value:match(pattern) then
    return ("want %s, got %q"):format(pattern, value)
  end
end

function checks.one_of(value, list)
  for _, allowed in ipairs(list) do
    if allowed == value then return nil end
  end
  return "want one of " .. table.concat(list, ", ")
end

function checks.check(value, f)
  return f(value)
end

---@param rules table
---@param value any
---@return string[] problems
function valid.problems(rules, value, path, problems)
  path, problems = path or "value", problems or {}
  if value == nil then
    if rules.required then
      problems[#problems + 1] = path .. ": missing"
    end
    return problems
  end
  for name, want in pairs(rules) do
    local check = checks[name]
    local why = check and check(value, want)
    if why then
      problems[#problems + 1] = path .. ": " .. why
    end
  end
  if rules.fields and type(value) == "table" then
    for key, inner in pairs(rules.fields) do
      valid.problems(inner, value[key], path .. "." .. key, problems)
    end
  end
  if rules.items and type(value) == "table" then
    for i, item in ipairs(value) do
      valid.problems(rules.items, item, path .. "[" .. i .. "]", problems)
    end
  end
  table.sort(problems)
  return problems
end

return valid
