-- askRuns: puts runs that a person asked for in their lines.
-- KEYS: partition
-- ARGV: taskId maxUnended (runId kind plannedAt nominalAt retryOf terms)*
--   kind: fm- manual, lb- backfill. plannedAt, nominalAt: `-` for now. retryOf: `-` for none. terms: `timeoutMs lateAfterMs priority`.
-- Answers: epoch, write number, wrote, owner, { code created exists gone limit, run text per run }
-- Events: run.queued or run.held
-- @include _step
-- @include _make-run
local taskId, maxUnended = ARGV[1], tonumber(ARGV[2])
local t = loadTask(taskId, true)
local ids, answers = {}, {}
for at = 3, #ARGV, 6 do ids[#ids + 1] = ARGV[at] end
loadRuns(ids)
for i = 1, #ids do
  local id, at = ids[i], 3 + (i - 1) * 6
  local known = fresh[id] or runs[id] and runText(runs[id])
  if not t then
    put(answers, 'gone', '')
  elseif known then
    put(answers, 'exists', known)
  elseif t[T_ASKED] + 0 >= maxUnended then
    put(answers, 'limit', '')
  else
    local kind, suffix = ARGV[at + 1], suffixOf(id)
    local planned = ARGV[at + 2] == '-' and nowText or ARGV[at + 2]
    local nominal = ARGV[at + 3] == '-' and planned or ARGV[at + 3]
    local terms = ARGV[at + 5]
    local state = 'q'
    if sub(kind, 1, 1) == 'l' then
      state = makeLateRun(t, kind, suffix, planned, nominal, '-', terms, ARGV[at + 4])
    else
      makeRun(t, 'q', kind, suffix, planned, nominal, '-', terms, ARGV[at + 4])
    end
    t[T_ASKED], t[T_SEQ] = t[T_ASKED] + 1, int(t[T_SEQ] + 1)
    touchTask(t)
    events[#events + 1] = (state == 'q' and 'Q' or 'H') .. id .. ' ' .. t[T_SEQ] .. ' 1'
    put(answers, 'created', fresh[id])
  end
end
if t and #dirtyTasks > 0 then
  trimHistory(t)
  flush()
  publish(#readyIds > 0)
end
return { epoch, written, wrote, t and t[T_OWNER] or '', answers }
