-- importRuns: put-if-absent of runs as they were elsewhere, oldest created first.
-- KEYS: partition
-- ARGV: (runId line trigger state fence attempt failures firstAt until work queuedAt rest fixed attempts outcome)*
--   line, trigger: letters. The others as in _run-record.
-- Answers: epoch, write number, wrote
-- Events: none
-- @include _step
local PER_RUN, ids, owners = 15, {}, {}
for at = 1, #ARGV, PER_RUN do
  ids[#ids + 1] = ARGV[at]
  owners[#owners + 1] = taskOf(ARGV[at])
end
loadTasks(owners, true)
loadRuns(ids)
for i = 1, #ids do
  if not tasks[owners[i]] then return redis.error_reply('ERR the task of run ' .. ids[i] .. ' is not there') end
end

-- The task's counts of what has not ended, and where the run waits.
local function countOpen(t, id, line, trigger, state, planned, untilAt)
  if trigger ~= 's' then t[T_ASKED] = t[T_ASKED] + 1 end
  if line == 's' then
    local list = state == 'h' and T_HELD or T_LIVE
    t[list] = listed(t[list], planned)
  elseif line == 'l' and state == 'h' then
    t[T_WAITING] = t[T_WAITING] + 1
    first[#first + 1] = { 'RPUSH', WAITING .. t[T_ID], suffixOf(id) }
  elseif line == 'l' then
    t[T_LATE] = suffixOf(id)
  end
  if state == 'w' then
    put(retryAdd, untilAt, id)
  elseif state == 'r' or state == 'c' then
    -- Its worker is far away: the next recoverRuns takes it back.
    put(leaseAdd, 0, id)
  end
end

for i = 1, #ids do
  local id, t, at = ids[i], tasks[owners[i]], (i - 1) * PER_RUN
  if not runs[id] then
    local r = {}
    r[R_ID], r[R_KEY], r[R_DIRTY], r[R_TOKEN], r[R_SEQ] = id, RUN .. id, false, '-', '0'
    r[R_STATE], r[R_FENCE], r[R_ATTEMPT], r[R_FAILURES] = ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7]
    r[R_FIRST], r[R_UNTIL], r[R_WORK], r[R_QUEUED] = ARGV[at + 8], ARGV[at + 9], ARGV[at + 10], ARGV[at + 11]
    r[R_REST], r[R_FIXED], r[R_ATTEMPTS], r[R_OUTCOME] = ARGV[at + 12], ARGV[at + 13], ARGV[at + 14], ARGV[at + 15]
    runs[id] = r
    touchRun(r)
    touchTask(t)
    if not t[T_MADE] then t[T_MADE] = {} end
    t[T_MADE][#t[T_MADE] + 1] = id
    local owner = t[T_OWNER]
    if ownerRuns[owner] == nil then
      ownerRuns[owner] = {}
      ownerOrder[#ownerOrder + 1] = owner
    end
    ownerRuns[owner][#ownerRuns[owner] + 1] = id
    if not find('sftx', r[R_STATE], 1, true) then
      local planned = match(r[R_FIXED], '^%S+ (%S+)')
      countOpen(t, id, ARGV[at + 2], ARGV[at + 3], r[R_STATE], planned, r[R_UNTIL])
    end
  end
end
if #dirtyTasks > 0 then flush() end
return { epoch, written, wrote }
