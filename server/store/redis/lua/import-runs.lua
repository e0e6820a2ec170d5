-- importRuns: put-if-absent of runs as they were elsewhere, oldest created first.
-- KEYS: partition
-- ARGV: (runId record)*
--   record: the text as in _run-record.
-- Answers: epoch, write number, wrote
-- Events: none
-- @include _step
local PER_RUN, ids, owners = 2, {}, {}
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
local function countOpen(t, r)
  local id, line, trigger, state = r[R_ID], sub(r[R_KIND], 1, 1), sub(r[R_KIND], 2, 2), r[R_STATE]
  if trigger ~= 's' then t[T_ASKED] = t[T_ASKED] + 1 end
  if line == 's' then
    local list = state == 'h' and T_HELD or T_LIVE
    t[list] = listed(t[list], match(r[R_FIXED], '^%S+'))
  elseif line == 'l' and state == 'h' then
    t[T_WAITING] = t[T_WAITING] + 1
    first[#first + 1] = { 'RPUSH', WAITING .. t[T_ID], suffixOf(id) }
  elseif line == 'l' then
    t[T_LATE] = suffixOf(id)
  end
  if state == 'w' then
    put(retryAdd, r[R_UNTIL], id)
  elseif state == 'r' or state == 'c' then
    -- Its worker is far away: the next recoverRuns takes it back.
    put(leaseAdd, 0, id)
  end
end

for i = 1, #ids do
  local id, t = ids[i], tasks[owners[i]]
  if not runs[id] then
    local r = parseRun(id, RUN .. id, ARGV[i * PER_RUN])
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
    if not find('sftx', r[R_STATE], 1, true) then countOpen(t, r) end
  end
end
if #dirtyTasks > 0 then flush() end
return { epoch, written, wrote }
