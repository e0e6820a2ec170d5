-- loadDue: tasks that are due, earliest first.
-- KEYS: partition
-- ARGV: untilAt limit afterAt afterId
--   afterAt empty: from the first.
-- Answers: { definition key's text, hot text, id per task }
-- Events: none
-- @include _keys
local untilAt, limit, afterAt, afterId = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local call = redis.call
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
local keys, ids = {}, {}
for i = 1, #page, 2 do
  if tonumber(page[i + 1]) > untilAt then break end
  ids[#ids + 1] = page[i]
  keys[#keys + 1] = DEFINITION .. page[i]
  keys[#keys + 1] = TASK .. page[i]
end
local answer = {}
for start = 1, #ids, 1000 do
  local stop = math.min(start + 999, #ids)
  local texts = call('MGET', unpack(keys, 2 * start - 1, 2 * stop))
  for i = start, stop do
    local at = 2 * (i - start) + 1
    if texts[at] and texts[at + 1] then
      local n = #answer
      answer[n + 1], answer[n + 2], answer[n + 3] = texts[at], texts[at + 1], ids[i]
    end
  end
end
return answer
