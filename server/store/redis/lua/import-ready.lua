-- importReady: queued runs join the ready ones. An entry twice does no harm: a claim takes what is queued.
-- KEYS: partition
-- ARGV: (runId)*
-- Answers: epoch, write number, wrote
-- Events: none
-- @include _step
local ids = {}
for at = 1, #ARGV do ids[at] = ARGV[at] end
loadRuns(ids)
for i = 1, #ids do
  local r = runs[ids[i]]
  local t = r and r[R_STATE] == 'q' and loadTask(taskOf(ids[i]))
  if t then enqueue(t[T_OWNER], r[R_PRIORITY], ids[i]) end
end
if #laneOrder > 0 then flush() end
return { epoch, written, wrote }
