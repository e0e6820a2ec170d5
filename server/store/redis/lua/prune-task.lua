-- pruneTask: folds old verdicts into the counters that stand already, removes old days and ended runs.
-- KEYS: partition
-- ARGV: taskId foldAt keepDay runsBeforeAt most segmentsBeforeAt
-- Answers: epoch, write number, wrote, verdict records gone, runs gone
-- Events: none
-- @oom allow
-- @include _step
-- @include _find-verdict
-- @include _drop-runs
local taskId, foldAt, keepDay = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local runsBeforeAt, most = tonumber(ARGV[4]), tonumber(ARGV[5])
local t = loadTask(taskId, true)
if not t then return { epoch, written, wrote, 0, 0 } end
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
end

local segmentsBeforeAt = tonumber(ARGV[6])
local segments, old = call('LRANGE', SEGMENTS .. taskId, 0, -1), 0
while old < #segments do
  local endsAt = tonumber(match(segments[old + 1], '^%S+ (%S+)'))
  if not endsAt or endsAt > segmentsBeforeAt then break end
  old = old + 1
end
if old > 0 then first[#first + 1] = { 'LTRIM', SEGMENTS .. taskId, old, -1 } end

local days = call('HKEYS', DAYS .. taskId)
local oldDays = {}
for i = 1, #days do
  if sub(days[i], 1, 8) < keepDay then oldDays[#oldDays + 1] = days[i] end
end
for from = 1, #oldDays, 4000 do
  first[#first + 1] = { 'HDEL', DAYS .. taskId, unpack(oldDays, from, math.min(from + 3999, #oldDays)) }
end

-- From the oldest on; what has not ended, or ended later, stays.
local key, ended = HISTORY .. taskId, '^[sftx]' .. string.rep(' %S+', R_UNTIL - 2) .. ' (%d+)'
local entries
entries, gone = dropRuns(key, call('LRANGE', key, -most, -1), function(text)
  local endedAt = match(text, ended)
  return endedAt and tonumber(endedAt) < runsBeforeAt
end)
if entries > 0 then
  t[T_KEPT] = call('LLEN', key) - entries
  touchTask(t)
end
if #dirtyTasks > 0 or #first > 0 then flush() end
return { epoch, written, wrote, folded, gone }
