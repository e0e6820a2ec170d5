-- What the end of a run means for its task, and what becomes ready after it.

local function makeReady(r, t)
  if r[R_STATE] == 'h' then setRest(r, 3, int(now - match(r[R_FIXED], '^%S+ %S+ (%S+)'))) end
  r[R_STATE], r[R_QUEUED], r[R_UNTIL] = 'q', nowText, '-'
  enqueue(t[T_OWNER], r[R_PRIORITY], r[R_ID])
  touchRun(r)
end

-- The end of the task is asked for (`until`): what is held or waits is cancelled when it is carried out, and does not go on.
local function isEnding(t) return sub(t[T_CLOSING], 1, 1) == 'e' end

-- Held runs go on as soon as nothing of the slot line is unended: held > 0 implies live > 0, but for an ending task.
local function releaseHeld(t)
  if isEnding(t) then return end
  while t[T_LIVE] == '-' and t[T_HELD] ~= '-' do
    local planned, rest = match(t[T_HELD], '^([^,]+),?(.*)$')
    t[T_HELD] = rest == '' and '-' or rest
    local r = loadRun(t[T_ID] .. ':' .. planned)
    if r and r[R_STATE] == 'h' then
      t[T_LIVE] = planned
      makeReady(r, t)
      runEvent('Q', r, t)
    end
  end
end

-- The late line goes on with its oldest waiting run; entries whose run is no longer held are dropped on the way.
local function promoteWaiting(t)
  t[T_LATE] = '-'
  if isEnding(t) then return end
  local at = t[T_POPPED] or 0
  while t[T_LATE] == '-' do
    local suffix = call('LINDEX', WAITING .. t[T_ID], at)
    if not suffix then
      t[T_WAITING] = 0
      break
    end
    at = at + 1
    local r = loadRun(t[T_ID] .. ':' .. suffix)
    if r and r[R_STATE] == 'h' then
      t[T_LATE] = suffix
      t[T_WAITING] = t[T_WAITING] - 1
      makeReady(r, t)
      runEvent('Q', r, t)
    end
  end
  t[T_POPPED] = at
end

-- An end (e) or a pause (p) for the scheduler to carry out.
local function leaveClosing(t, reason)
  openTask(t)
  t[T_CLOSING] = reason .. ',' .. nowText
  t[T_NEXT] = nowText
  put(dueSoon, nowText, t[T_ID])
  wakeDue(now)
  touchTask(t)
end

local bounds = LATENESS_BOUNDS
local function bucket(lateBy)
  for i = 1, #bounds do
    if lateBy <= bounds[i] then return int(i - 1) end
  end
  return int(#bounds)
end

-- Day counter, failures in a row, health: of slot-trigger runs only.
local function countEnd(t, state, kind, planned, lateAfter, day, startedAt)
  local letter = (state == 's' or state == 'x') and state or 'f'
  if startedAt == '-' then
    count(t, day .. 'hx' .. letter, 1)
  else
    local lateBy = startedAt - planned
    local isLate = lateBy > tonumber(lateAfter)
    count(t, day .. 'h' .. bucket(lateBy) .. (isLate and 'l' or 'o') .. letter, 1)
    if kind == 'ssf' then t[T_LAST_LATE] = isLate and '1' or '0' end
  end
  t[T_ENDED] = state
  if state == 's' then
    t[T_FAILURES] = '0'
  elseif state ~= 'x' then
    t[T_FAILURES] = t[T_FAILURES] + 1
    if
      t[T_PAUSE_AFTER] ~= '-'
      and t[T_FAILURES] >= tonumber(t[T_PAUSE_AFTER])
      and t[T_STATE] == 'a'
      and t[T_CLOSING] == '-'
    then
      leaveClosing(t, 'p')
    end
  end
end

-- What a run's end changes in its task. `startedAt`: of its first attempt, `-` for none. The task is to be touched.
local function countOut(t, id, wasHeld, state, kind, lateAfter, day, startedAt)
  -- Of a slot's run: when it was planned.
  local suffix = sub(id, #t[T_ID] + 2)
  if kind == 'ssf' or kind == 'lsc' then
    countEnd(t, state, kind, suffix, lateAfter, day, startedAt)
  else
    t[T_ASKED] = t[T_ASKED] - 1
  end
  if kind == 'ssf' then
    local list = wasHeld and T_HELD or T_LIVE
    t[list] = unlisted(t[list], suffix)
    releaseHeld(t)
  elseif kind ~= 'fm-' then
    if wasHeld then
      t[T_WAITING] = t[T_WAITING] - 1
    elseif t[T_LATE] == suffix then
      promoteWaiting(t)
    end
  end
end

-- `outcome` is the record's last line: result, tab, error.
local function endRun(r, t, state, outcome)
  local wasHeld = r[R_STATE] == 'h'
  r[R_STATE], r[R_UNTIL], r[R_OUTCOME] = state, nowText, outcome
  runEvent('E', r, t, ' ' .. state .. ' ' .. r[R_ATTEMPT])
  countOut(t, r[R_ID], wasHeld, state, r[R_KIND], r[R_LATE_AFTER], r[R_DAY], r[R_FIRST])
end

-- The running attempt gets its end; `err` is JSON, empty for none. Its lease is to be removed by the caller.
local function endAttempt(r, outcome, err)
  r[R_ATTEMPTS] = r[R_ATTEMPTS] .. ',' .. nowText .. ',"' .. outcome .. (err == '' and '"]' or '",' .. err .. ']')
end

-- Not running: ends at once. Running: is asked to cancel. Ended or cancelling already: nothing.
local function cancelOne(r, t)
  local state = r[R_STATE]
  if state == 'r' then
    r[R_STATE] = 'c'
    runEvent('X', r, t)
    cancels[#cancels + 1] = r[R_ID]
  elseif state == 'h' or state == 'q' or state == 'w' then
    if state == 'w' then retryRemove[#retryRemove + 1] = r[R_ID] end
    endRun(r, t, 'x', '\t' .. CANCELLED_ERROR)
  end
end
