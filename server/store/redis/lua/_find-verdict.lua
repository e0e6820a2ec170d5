-- Reading the verdict list: elements beyond the count in the task's record are not true, and its newest record may stand
-- in the task's own (fields 21 and 22 of its text, see _task-record).
local function verdictsOf(taskId)
  local text = redis.call('GET', TASK .. taskId)
  if not text then return 0, nil end
  local long, tail = string.match(text, '^' .. string.rep('%S+ ', 20) .. '(%S+) (%S+)')
  return math.min(tonumber(long), redis.call('LLEN', VERDICTS .. taskId)), tail ~= '-' and tail or nil
end

-- [start, end) of a record.
local function spanOf(record)
  local from, to = string.match(record, '^S([^,]+),([^,]+)')
  if from then return tonumber(from), tonumber(to) end
  local planned = math.abs(tonumber(record))
  return planned, planned + 1
end

-- Index of the first of `long` records for which is(starts, ends) holds; `long` when none does. By halves.
local function findVerdict(key, long, is)
  local low, high = 0, long
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is(spanOf(redis.call('LINDEX', key, middle))) then high = middle else low = middle + 1 end
  end
  return low
end
