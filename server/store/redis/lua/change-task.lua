-- changeTask: one change of one task, by its owner or by the engine.
-- KEYS: partition
-- ARGV: taskId version cursorAt byUser closes newDefinition pauseAfter state nextCursorAt closeAt open nextAt cancelHeld (plannedAt toAt count reason day)*
--   Empty: not given. cursorAt, closeAt, nextAt: `-` for null. byUser, closes, cancelHeld: 1 or 0. state: a p e.
--   open: the new segment's line. newDefinition: schedule, newline, the rest.
-- Answers: epoch, write number, wrote, code (changed, version_conflict, stale, gone), version or definition key's text, hot text.
--   `stale` also when nextCursorAt is after the store's now.
-- Events: task.changed, slot.skipped; run.finished of cancelled runs
-- @include _step
-- @include _end-run
-- @include _verdicts
-- @include _segments
local taskId, version, cursorAt, byUser, closes = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5] == '1'
local newDefinition, pauseAfter, state, nextCursorAt = ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local closeAt, open, nextAt, cancelHeld = ARGV[10], ARGV[11], ARGV[12], ARGV[13] == '1'

local t = loadTask(taskId, true)
local text = call('GET', DEFINITION .. taskId)
if not t or not text then return { epoch, written, wrote, 'gone' } end
if t[T_VERSION] ~= version then return { epoch, written, wrote, 'version_conflict', t[T_VERSION] } end
local segment, made, definition = match(text, '^([^\n]*)\n([^\n]*)\n(.*)$')
local from, to, rest = match(segment, '^(%S+) (%S+) (.*)$')
if
  cursorAt ~= '-' and cursorAt ~= t[T_CURSOR]
  or closes ~= (t[T_CLOSING] ~= '-')
  or closeAt ~= '-' and to ~= '-'
  or open ~= '' and closeAt == '-' and to == '-'
then
  return { epoch, written, wrote, 'stale' }
end
-- A caller whose clock (or whose Cluster node) is a little ahead asks again. A cursor that stands still is always allowed.
if cursorAt ~= '-' and tonumber(nextCursorAt) > math.max(now, tonumber(t[T_CURSOR])) then
  return { epoch, written, wrote, 'stale' }
end

-- Held runs of the slot line, and waiting ones of the late line.
local function cancelAllHeld()
  local held = t[T_HELD]
  -- Off the list first: nothing may be live (see isEnding), and the end of one would make the next one ready.
  t[T_HELD] = '-'
  for planned in string.gmatch(held, '[^,-]+') do
    local r = loadRun(taskId .. ':' .. planned)
    if r and r[R_STATE] == 'h' then cancelOne(r, t) end
  end
  local ids = call('LRANGE', WAITING .. taskId, 0, -1)
  for i = 1, #ids do ids[i] = taskId .. ':' .. ids[i] end
  loadRuns(ids)
  for i = 1, #ids do
    local r = runs[ids[i]]
    if r and r[R_STATE] == 'h' then cancelOne(r, t) end
  end
  t[T_WAITING] = 0
  if #ids > 0 then t[T_POPPED] = #ids end
end

touchTask(t)
local slots = 0
for at = 14, #ARGV, 5 do
  skipSlots(t, ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
  slots = slots + ARGV[at + 2]
end
if byUser then t[T_VERSION] = t[T_VERSION] + 1 end
t[T_UPDATED], t[T_SLOTS] = nowText, format('%.0f', t[T_SLOTS] + slots)
if closes then t[T_CLOSING] = '-' end
if state ~= '' then
  -- Else the first failure after a resume would pause it again.
  if state == 'a' and t[T_STATE] == 'p' then t[T_FAILURES] = 0 end
  t[T_STATE] = state
end
if pauseAfter ~= '' then t[T_PAUSE_AFTER] = pauseAfter end
local schedule = match(definition, '^[^\n]*')
if newDefinition ~= '' then
  definition = newDefinition
  if match(definition, '^[^\n]*') ~= schedule then
    from, to, rest = match(wholeSegment(segment, schedule), '^(%S+) (%S+) (.*)$')
  end
end
if closeAt ~= '-' then
  to, t[T_EPISODE] = closeAt, '-'
end
segment = from .. ' ' .. to .. ' ' .. rest
if open ~= '' then
  -- Only the newest segment stands beside the definition.
  segment = wholeSegment(segment, schedule)
  local last = call('LINDEX', SEGMENTS .. taskId, -1)
  -- The same one is there when an earlier try stopped half-way.
  if last and match(last, '^%S+') == from then
    first[#first + 1] = { 'LSET', SEGMENTS .. taskId, -1, segment }
  else
    first[#first + 1] = { 'RPUSH', SEGMENTS .. taskId, segment }
  end
  segment, t[T_SLOTS], t[T_EPISODE] = open, 0, '-'
end
local changed = segment .. '\n' .. made .. '\n' .. definition
if changed ~= text then put(sets, DEFINITION .. taskId, changed) end
if cursorAt ~= '-' then t[T_CURSOR], t[T_NEXT] = nextCursorAt, nextAt end
if t[T_STATE] == 'a' and t[T_NEXT] ~= '-' then
  put(dueSoon, t[T_NEXT], taskId)
  put(dueSet, t[T_NEXT], taskId)
  wakeDue(t[T_NEXT])
else
  dueRemove[1] = taskId
end
if cancelHeld then cancelAllHeld() end
taskEvent('U', t)
flush()
publish(#readyIds > 0)
return { epoch, written, wrote, 'changed', changed, taskText(t) }
