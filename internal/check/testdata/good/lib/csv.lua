-- csv.lua: tables as texts, as RFC 4180 has them.
local csv = {}

local function field(text, at)
  if text:sub(at, at) ~= '"' then
    local stop = text:find("[,\r\n]", at) or #text + 1
    return text:sub(at, stop - 1), stop
  end
  local parts = {}
  local from = at + 1
  repeat
    local quote = text:find('"', from, true)
    if not quote then
      return nil, nil, "a quoted field does not end"
    end
    parts[#parts + 1] = text:sub(from, quote - 1)
    from = quote + 1
    local again = text:sub(from, from) == '"'
    if again then
      parts[#parts + 1] = '"'
      from = from + 1
    end
  until not again
  return table.concat(parts), from
end

---Reads rows of fields.
---@return string[][]? rows
---@return string? problem
function csv.decode(text)
  local rows, row, at = {}, {}, 1
  while at <= #text do
    local value, stop, problem = field(text, at)
    if problem then
      return nil, problem .. " in row " .. #rows + 1
    end
    row[#row + 1] = value
    local separator = text:sub(stop, stop)
    if separator == "," then
      at = stop + 1
      if at > #text then row[#row + 1] = "" end
    elseif separator == "" then
      break
    elseif separator == "\r" or separator == "\n" then
      rows[#rows + 1], row = row, {}
      at = stop + (text:sub(stop, stop + 1) == "\r\n" and 2 or 1)
    else
      return nil, "text behind a quoted field in row " .. #rows + 1
    end
  end
  if #row > 0 then rows[#rows + 1] = row end
  return rows
end

---Reads rows as records, by the names in the first row.
function csv.records(text)
  local rows, problem = csv.decode(text)
  if not rows then return nil, problem end
  local head = table.remove(rows, 1) or {}
  local records = {}
  for i, row in ipairs(rows) do
    local record = {}
    for j, name in ipairs(head) do record[name] = row[j] end
    records[i] = record
  end
  return records
end

local function quoted(value)
  local text = tostring(value)
  if text:find('[,"\r\n]') then
    return '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

function csv.encode(rows)
  local lines = {}
  for i, row in ipairs(rows) do
    local fields = {}
    for j = 1, #row do fields[j] = quoted(row[j]) end
    lines[i] = table.concat(fields, ",")
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

return csv
