-- fireSlots: the firing step for some tasks of one partition, then a claim.
-- KEYS: partition
-- ARGV: claimKey requestId worker limit leaseMs (taskId version cursorAt nextCursorAt nextAt episode ends overlap terms decisions (kind plannedAt nominalOrTo day countAndReason)*)*
--   requestId empty: no claim. terms: `timeoutMs lateAfterMs priority`. nextAt, episode: `-` for null. kind: f fire, c catch_up, s skip (`count,reason`).
-- Answers: epoch, write number, wrote, store time, { one text per task: `f <runs> <skipped> <ready run ids>`, a already_fired,
--   e early, s stale, g gone }, { three values per claimed run }
-- Events: slot.fired, slot.caught_up, slot.skipped with the new run's run.queued or run.held; what overlap does to other
--   runs; task.changed when the task ends; run.started
-- @include _step
-- @include _end-run
-- @include _make-run
-- @include _verdicts
-- @include _overlap
-- @include _fire-slot
-- @include _claim-ready
-- @include _start-made
local claimKey, requestId, worker, limit, leaseMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local CATCH_UP_REASONS = { w = true, l = true, c = true, n = true }
local TASK_ARGS, DECISION_ARGS = 10, 5

-- No slot is left: the segment (first line of the definition key: from, to, JSON) ends just behind the cursor.
local function endTask(t, definition, nextCursorAt)
  local from, to, rest = match(definition, '^(%S+) (%S+) (.*)$')
  if to == '-' then
    put(sets, DEFINITION .. t[T_ID], from .. ' ' .. format('%.0f', nextCursorAt + 1) .. ' ' .. rest)
  end
  t[T_STATE], t[T_UPDATED] = 'e', nowText
  taskEvent('U', t)
end

local function fireTask(t, at, definition)
  local overlap, terms = ARGV[at + 7], ARGV[at + 8]
  local readyBefore, slots, ran, skipped, lastLate = #readyIds, 0, 0, 0, nil
  local from = at + TASK_ARGS
  -- Said with each slot.
  t[T_NEXT] = ARGV[at + 6] == '1' and '-' or ARGV[at + 4]
  for i = from, from + (ARGV[at + 9] - 1) * DECISION_ARGS, DECISION_ARGS do
    local kind, planned, other, day = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    lastLate = '0'
    if kind == 'f' then
      slots = slots + 1
      if fireSlot(t, overlap, terms, planned, other, day) then ran = ran + 1 else skipped = skipped + 1 end
    elseif kind == 'c' then
      slots, ran, lastLate = slots + 1, ran + 1, '1'
      pushVerdict(t, '-' .. planned)
      count(t, day .. 'c', 1)
      local state = makeLateRun(t, 'lsc', planned, planned, other, day, terms, '-')
      announceSlot(t, 'C', t[T_ID] .. ':' .. planned, state)
    else
      local number, reason = match(ARGV[i + 4], '^([^,]+),(.*)$')
      slots, skipped = slots + number, skipped + number
      skipSlots(t, planned, other, number, reason, day)
      if CATCH_UP_REASONS[reason] then lastLate = '1' end
    end
  end
  t[T_CURSOR], t[T_EPISODE] = ARGV[at + 3], ARGV[at + 5]
  t[T_SLOTS] = int(t[T_SLOTS] + slots)
  if lastLate then t[T_LAST_LATE] = lastLate end
  if ARGV[at + 6] == '1' then endTask(t, definition, ARGV[at + 3]) end
  if t[T_NEXT] == '-' then dueRemove[#dueRemove + 1] = t[T_ID] else put(dueSet, t[T_NEXT], t[T_ID]) end
  trimHistory(t)
  touchTask(t)
  return 'f ' .. ran .. ' ' .. format('%.0f', skipped) .. ' ' .. concat(readyIds, ',', readyBefore + 1)
end

local function judge(t, at)
  if not t then return 'g' end
  if t[T_VERSION] ~= ARGV[at + 1] then return 's' end
  if t[T_CURSOR] == ARGV[at + 2] and t[T_STATE] == 'a' and t[T_CLOSING] == '-' then
    return tonumber(ARGV[at + 3]) > now and 'e' or 'f'
  end
  return tonumber(t[T_CURSOR]) >= tonumber(ARGV[at + 3]) and 'a' or 's'
end

local ids, places, definitions = {}, {}, {}
local at = 6
while at <= #ARGV do
  ids[#ids + 1] = ARGV[at]
  places[#places + 1] = at
  if ARGV[at + 6] == '1' then definitions[#ids] = call('GET', DEFINITION .. ARGV[at]) end
  at = at + TASK_ARGS + ARGV[at + 9] * DECISION_ARGS
end
loadTasks(ids, true)
local answers = {}
for i = 1, #ids do
  local t = tasks[ids[i]]
  local code = judge(t, places[i])
  answers[i] = code == 'f' and fireTask(t, places[i], definitions[i]) or code
end
local claimed, left = {}, true
local isClaim = requestId ~= ''
if isClaim and #readyIds > 0 and #readyIds <= limit and call('ZCARD', TURNS) == 0 and not claimedBefore(claimKey, requestId) then
  claimed, left, isClaim = startMade(claimKey, requestId, worker, leaseMs), false, false
end
if #dirtyTasks > 0 then flush() end
if isClaim then claimed, left = claimReady(claimKey, requestId, worker, limit, leaseMs) end
publish(#readyIds > 0 and left)
return { epoch, written, wrote, now, answers, claimed }
