-- Posts notifications of about 8 KB, each with a different operation, record, name and amount.
-- usage: wrk -s notifications.lua URL -- BODY-FILE
local hex = "0123456789abcdef"
local function guid()
  return (("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"):gsub("x", function()
    local digit = math.random(16)
    return hex:sub(digit, digit)
  end))
end

function init(arguments)
  math.randomseed(os.time() + tonumber(tostring({}):sub(8), 16) % 100000)
  local file = assert(io.open(arguments[1], "rb"))
  body = file:read("*a")
  file:close()
  headers = { ["Content-Type"] = "application/json" }
  -- Split once, so that filling the marked places of each body costs little.
  pieces = {}
  for piece, mark in (body .. "@end@"):gmatch("(.-)@(%w+)@") do pieces[#pieces + 1] = { piece, mark } end
end

function request()
  local parts, record = {}, guid()
  for index, piece in ipairs(pieces) do
    parts[#parts + 1] = piece[1]
    if piece[2] == "record" then parts[#parts + 1] = record
    elseif piece[2] == "guid" then parts[#parts + 1] = guid()
    elseif piece[2] == "now" then parts[#parts + 1] = tostring(os.time()) .. "000"
    elseif piece[2] == "number" then parts[#parts + 1] = tostring(math.random(100000))
    end
  end
  return wrk.format("POST", nil, headers, table.concat(parts))
end
