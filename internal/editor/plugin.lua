-- name reads the rest of a function's name: the method, and where the name ends; nil for a function for all methods.
local function name(text, at)
  local method, behind = text:match("^%s*%.%s*([%a_][%w_]*)()", at)
  if method then
    return method, behind
  end
  local _, key, close = text:match("^%s*%[%s*([\"'])(.-)%1%s*%]()", at)
  if key then
    return key, close
  end
  return nil, at
end

-- parameters are the names in a list of parameters, in order.
local function parameters(list)
  list = list:gsub("%-%-%[(=*)%[.-%]%1%]", " "):gsub("%-%-[^\n]*", " ")
  local names = {}
  for word in list:gmatch("[%a_][%w_]*") do
    names[#names + 1] = word
  end
  return names
end

-- types are those of the parameters of a phase's function; none for what is no such function.
local function types(phase, method)
  if not method then
    return phase.all
  end
  if not phase.one then
    return {}
  end
  local class = classes[method]
  if not class then
    return phase.all
  end
  local list = {}
  for i, typ in ipairs(phase.one) do
    list[i] = typ:gsub("%%s", class)
  end
  return list
end

-- longest is how many bytes of a function are looked at: a list of parameters that is not closed yet has no end.
local longest = 2000

-- annotations are the lines that a hook function, or a table of them, which text begins with needs above it. said is what the
-- script itself says there, which wins.
local function annotations(text, said)
  if said:find("%-%-%-%s*@type%s") then
    return ""
  end
  local word, behind = text:match("^[ \t;]*function%s+(%a+)()")
  local assigned = not word
  if assigned then
    word, behind = text:match("^[ \t;]*(%a+)()")
  end
  local phase = phases[word]
  local method
  method, behind = name(text, behind)
  if assigned then
    if phase.one and not method and text:find("^%s*=%s*{", behind) then
      return "---@type hookrun." .. word .. "\n"
    end
    behind = text:match("^%s*=%s*function()", behind)
  end
  local list = behind and text:match("^%s*%(([^)]*)%)", behind)
  if not list then
    return ""
  end
  local known = { _ = true } -- not used
  for param in said:gmatch("%-%-%-%s*@param%s+([%a_][%w_]*)") do
    known[param] = true
  end
  local lines, names = "", parameters(list)
  for i, typ in ipairs(types(phase, method)) do
    if names[i] and not known[names[i]] then
      lines = lines .. "---@param " .. names[i] .. " " .. typ .. "\n"
    end
  end
  return lines
end

---What the server is to read instead of a script's text: the same with the types of parameters above hook functions. A line that
---looks like one inside a long string or comment gets them too, which does no harm.
---@param _ string the script's address
---@param text string
---@return { start: integer, finish: integer, text: string }[]?
function OnSetText(_, text)
  local changes = {}
  local said = {} -- the comments right above the line
  local place     -- where lines go that are to stand right above it, but before a diagnostic for the next line
  for at, line in text:gmatch("()([^\r\n]*)\r?\n?") do
    if line:find("^[ \t]*%-%-%-") then
      place = line:find("^[ \t]*%-%-%-%s*@diagnostic") and (place or at) or nil
      said[#said + 1] = line
    else
      if phases[line:match("^[ \t;]*function%s+(%a+)") or line:match("^[ \t;]*(%a+)") or ""] then
        local lines = annotations(text:sub(at, at + longest), table.concat(said, "\n") .. "\n")
        if lines ~= "" then
          local start = place or at
          changes[#changes + 1] = { start = start, finish = start - 1, text = lines }
        end
      end
      said, place = {}, nil
    end
  end
  if #changes > 0 then
    return changes
  end
end
