-- cancelRun: ends what is not running; asks what is running to cancel.
-- KEYS: partition
-- ARGV: runId
-- Answers: epoch, write number, wrote, code (cancelled, cancelling, ended, gone), owner, run text
-- Events: run.finished or run.cancelling; run.queued of what becomes ready after it
-- @oom allow
-- @include _step
-- @include _end-run
local runId = ARGV[1]
local r, t = loadRun(runId), loadTask(taskOf(runId))
if not r or not t then return { epoch, written, wrote, 'gone' } end
local before = r[R_STATE]
cancelOne(r, t)
local code = r[R_STATE] == 'c' and 'cancelling' or r[R_STATE] == before and 'ended' or 'cancelled'
if #dirtyRuns > 0 then
  flush()
  publish(#readyIds > 0)
end
return { epoch, written, wrote, code, t[T_OWNER], runText(r) }
