-- importVerdicts: records in order; those not after the newest one kept are passed over.
-- KEYS: partition
-- ARGV: taskId (record)*
--   record: as in _verdicts.
-- Answers: epoch, write number, wrote
-- Events: none
-- @include _step
-- @include _find-verdict
-- @include _verdicts
local taskId = ARGV[1]
local t = loadTask(taskId, true)
if not t then return redis.error_reply('ERR task ' .. taskId .. ' is not there') end
local long = verdictsOf(taskId)
local newest = long > 0 and spanOf(call('LINDEX', VERDICTS .. taskId, long - 1)) or -1
for at = 2, #ARGV do
  if spanOf(ARGV[at]) > newest then
    pushVerdict(t, ARGV[at])
    touchTask(t)
  end
end
if #dirtyTasks > 0 then flush() end
return { epoch, written, wrote }
