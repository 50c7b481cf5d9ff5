-- words.lua: texts.
local M = {}

local vowels = { a = true, e = true, i = true, o = true, u = true }

local function trim(text)
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end
M.trim = trim

function M.split(text, separator, plain)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(separator, from, plain)
    if not first then break end
    parts[#parts + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end

function M.starts(text, with) return text:sub(1, #with) == with end

function M.ends(text, with) return with == "" or text:sub(-#with) == with end

function M.capital(text) return (text:gsub("^%l", string.upper)) end

function M.camel(text)
  local camel = text:gsub("[_-](%w)", function(letter) return letter:upper() end)
  return camel
end

function M.snake(text)
  local snake = text:gsub("(%l)(%u)", "%1_%2"):lower()
  return snake
end

function M.plural(n, noun)
  if n == 1 then return "1 " .. noun end
  local last = noun:sub(-1)
  local before = noun:sub(-2, -2)
  if last == "y" and not vowels[before] then
    noun = noun:sub(1, -2) .. "ie"
  end
  return string.format("%d %ss", n, noun)
end

function M.lines(text)
  return text:gmatch("([^\n]*)\n?")
end

---Breaks a text at blanks, into lines of a width at most.
function M.wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1], line = line, ""
    end
    line = line == "" and word or line .. " " .. word
  end
  if line ~= "" then lines[#lines + 1] = line end
  return lines
end

---Puts values in the places of their names: "share ${name} is ${state}".
function M.fill(template, values)
  return (template:gsub("%${([%w_.]+)}", function(path)
    local value = values
    for key in path:gmatch("[^.]+") do
      if type(value) ~= "table" then return "" end
      value = value[key]
    end
    return value ~= nil and tostring(value) or ""
  end))
end

function M.escape(text)
  return (text:gsub("[%c\"\\]", function(c)
    if c == "\n" then return "\\n" end
    if c == "\t" then return "\\t" end
    if c == '"' or c == "\\" then return "\\" .. c end
    return ("\\x%02x"):format(c:byte())
  end))
end

---How many letters have to change to make one text of the other.
function M.distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above + 1, row[j - 1] + 1, diagonal + cost)
      diagonal = above
    end
  end
  return row[#b]
end

function M.nearest(word, candidates)
  local best, least
  for _, candidate in ipairs(candidates) do
    local d = M.distance(word, candidate)
    if not least or d < least then
      best, least = candidate, d
    end
  end
  return best, least
end

function M.parse_query(query)
  local values = {}
  for pair in query:gmatch("[^&]+") do
    local key, value = pair:match("^([^=]*)=?(.*)$")
    if key and key ~= "" then
      values[key] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    end
  end
  return values
end

return M
