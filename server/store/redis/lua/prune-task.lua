-- pruneTask: folds old verdicts into the counters that stand already, removes old days and ended runs.
-- KEYS: partition
-- ARGV: taskId foldAt keepDay runsBeforeAt most
-- Answers: epoch, write number, verdict records gone, runs gone
-- Events: none
-- @oom allow
-- @include _step
-- @include _find-verdict
local taskId, foldAt, keepDay = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local runsBeforeAt, most = tonumber(ARGV[4]), tonumber(ARGV[5])
local t = loadTask(taskId, true)
if not t then return { epoch, written, 0, 0 } end
local folded, gone = 0, 0

if foldAt > 0 then
  local long, tail = verdictsOf(taskId)
  folded = findVerdict(VERDICTS .. taskId, long, function(starts) return starts >= foldAt end)
  if folded > 0 then
    first[#first + 1] = { 'LTRIM', VERDICTS .. taskId, folded, -1 }
    t[T_VERDICTS] = long - folded
    touchTask(t)
  end
  if tail and spanOf(tail) < foldAt then
    folded = folded + 1
    t[T_TAIL] = '-'
    touchTask(t)
  end
  if foldAt > tonumber(t[T_FOLDED]) then
    t[T_FOLDED] = ARGV[2]
    touchTask(t)
  end
  local segments, old = call('LRANGE', SEGMENTS .. taskId, 0, -1), 0
  while old < #segments and tonumber(match(segments[old + 1], '^%S+ (%S+)')) <= foldAt do old = old + 1 end
  if old > 0 then first[#first + 1] = { 'LTRIM', SEGMENTS .. taskId, old, -1 } end
end

local days = call('HKEYS', DAYS .. taskId)
local oldDays = {}
for i = 1, #days do
  if sub(days[i], 1, 8) < keepDay then oldDays[#oldDays + 1] = days[i] end
end
for from = 1, #oldDays, 4000 do
  first[#first + 1] = { 'HDEL', DAYS .. taskId, unpack(oldDays, from, math.min(from + 3999, #oldDays)) }
end

-- From the oldest on; what has not ended, or ended later, stays in place.
local key = HISTORY .. taskId
local ids = call('LRANGE', key, -most, -1)
local staying, keys = {}, {}
for i = 1, #ids do keys[i] = RUN .. ids[i] end
local texts = #keys > 0 and call('MGET', unpack(keys)) or {}
for i = 1, #ids do
  local ended = texts[i] and match(texts[i], '^[sftx]' .. string.rep(' %S+', R_UNTIL - 2) .. ' (%d+)')
  if texts[i] and not (ended and tonumber(ended) < runsBeforeAt) then
    staying[#staying + 1] = ids[i]
  else
    if texts[i] then gone = gone + 1 end
    put(removed, keys[i], LOG .. ids[i])
  end
end
if #staying < #ids then
  after[#after + 1] = { 'LTRIM', key, 0, -#ids - 1 }
  if #staying > 0 then after[#after + 1] = { 'RPUSH', key, unpack(staying) } end
  t[T_KEPT] = t[T_KEPT] - #ids + #staying
  touchTask(t)
end
if #dirtyTasks > 0 or #first > 0 then flush() end
return { epoch, written, folded, gone }
