-- @include _drop-runs
-- A run's first record. `kind` as in _run-record; `suffix` is what follows `taskId:` in its id.
-- `terms` is `timeoutMs lateAfterMs priority`.
local function makeRun(t, state, kind, suffix, planned, nominal, day, terms, retryOf)
  local id, owner = t[T_ID] .. ':' .. suffix, t[T_OWNER]
  fresh[id] = state .. ' 1 - ' .. kind .. ' ' .. terms .. ' ' .. day .. ' - 0 - 0 0 ' .. (state == 'q' and nowText or '-')
    .. ' 0,-,0\n' .. planned .. ' ' .. nominal .. ' ' .. nowText .. ' ' .. retryOf .. '\n\n'
  made[#made + 1] = id
  local mine = t[T_MADE]
  if not mine then
    mine = {}
    t[T_MADE] = mine
  end
  mine[#mine + 1] = id
  local theirs = ownerRuns[owner]
  if theirs == nil then
    theirs = {}
    ownerRuns[owner] = theirs
    ownerOrder[#ownerOrder + 1] = owner
  end
  theirs[#theirs + 1] = id
  if state == 'q' then enqueue(owner, match(terms, '^%S+ %S+ (%S+)'), id) end
  return id
end

-- The slot's verdict on the task's topic, with the next slot; the run's own first word, which the task hears apart when it
-- is held.
local function announceSlot(t, code, id, state)
  t[T_SEQ] = int(t[T_SEQ] + 1)
  if state == 'q' then
    events[#events + 1] = code .. id .. ' ' .. t[T_SEQ] .. ' 1 q ' .. t[T_NEXT]
  else
    events[#events + 1] = code .. id .. ' ' .. t[T_SEQ] .. ' - h ' .. t[T_NEXT]
    t[T_SEQ] = int(t[T_SEQ] + 1)
    events[#events + 1] = 'H' .. id .. ' ' .. t[T_SEQ] .. ' 1'
  end
end

-- A run of the late line: ready when nothing of the line is unended, else it waits behind the others.
local function makeLateRun(t, kind, suffix, planned, nominal, day, terms, retryOf)
  if t[T_LATE] == '-' then
    t[T_LATE] = suffix
    makeRun(t, 'q', kind, suffix, planned, nominal, day, terms, retryOf)
    return 'q'
  end
  t[T_WAITING] = t[T_WAITING] + 1
  first[#first + 1] = { 'RPUSH', WAITING .. t[T_ID], suffix }
  makeRun(t, 'h', kind, suffix, planned, nominal, day, terms, retryOf)
  return 'h'
end

-- Ended runs beyond RUNS_KEPT_PER_TASK go, with their logs: 20 at a time, at most the 200 oldest looked at.
local function trimHistory(t)
  local key, adding = HISTORY .. t[T_ID], t[T_MADE] and #t[T_MADE] or 0
  if t[T_KEPT] + adding < RUNS_KEPT_PER_TASK + 20 then return end
  local kept = call('LLEN', key)
  local over = math.min(kept + adding - RUNS_KEPT_PER_TASK, kept, 200)
  t[T_KEPT] = kept
  if over > 0 then
    t[T_KEPT] = kept - dropRuns(key, call('LRANGE', key, -over, -1), function(text) return find(text, '^[sftx]') end)
  end
end
