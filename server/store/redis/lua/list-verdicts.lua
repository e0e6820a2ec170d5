-- listVerdicts: verdict records that touch an interval.
-- KEYS: partition
-- ARGV: taskId fromAt toAt limit oldestFirst
-- Answers: { records as stored }
-- Events: none
-- @include _keys
-- @include _find-verdict
local taskId, fromAt, toAt = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local limit, oldestFirst = tonumber(ARGV[4]), ARGV[5] == '1'
local long, tail = verdictsOf(taskId)
local key, answer = VERDICTS .. taskId, {}
local low = findVerdict(key, long, function(_, ends) return ends > fromAt end)
local high = findVerdict(key, long, function(starts) return starts >= toAt end)
local hasTail = false
if tail then
  local starts, ends = spanOf(tail)
  hasTail = starts < toAt and ends > fromAt
end
if oldestFirst then
  if high > low then answer = redis.call('LRANGE', key, low, math.min(high, low + limit) - 1) end
  if hasTail and #answer < limit then answer[#answer + 1] = tail end
else
  if hasTail then answer[1] = tail end
  local room = limit - #answer
  if high > low and room > 0 then
    local page = redis.call('LRANGE', key, math.max(low, high - room), high - 1)
    for i = #page, 1, -1 do answer[#answer + 1] = page[i] end
  end
end
return answer
