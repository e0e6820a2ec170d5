-- loadDue: tasks that are due, earliest first.
-- KEYS: partition
-- ARGV: untilAt limit afterAt afterId
--   afterAt empty: from the first.
-- Answers: { definition key's text, hot text, id per task }
-- Events: none
-- @include _keys
-- @include _read-tasks
local untilAt, limit, afterAt, afterId = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local from = 0
if afterAt ~= '' then
  -- Equal instants stand in order of id; there may be thousands: halve.
  local low, high = call('ZCOUNT', DUE, '-inf', '(' .. afterAt), call('ZCOUNT', DUE, '-inf', afterAt)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if call('ZRANGE', DUE, middle, middle)[1] > afterId then high = middle else low = middle + 1 end
  end
  from = low
end
local page = call('ZRANGE', DUE, from, from + limit - 1, 'WITHSCORES')
local ids = {}
for i = 1, #page, 2 do
  if tonumber(page[i + 1]) > untilAt then break end
  ids[#ids + 1] = page[i]
end
return readTasks(ids)
