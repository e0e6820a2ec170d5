-- countVerdicts: how many records, and the first one.
-- KEYS: partition
-- ARGV: taskId
-- Answers: number, first record or nothing
-- Events: none
-- @include _keys
-- @include _find-verdict
local taskId = ARGV[1]
local long, tail = verdictsOf(taskId)
local oldest = long > 0 and redis.call('LINDEX', VERDICTS .. taskId, 0) or tail
return { long + (tail and 1 or 0), oldest or '' }
