-- scanTasks: every task of the partition, by id.
-- KEYS: partition
-- ARGV: after limit
--   after: empty from the first.
-- Answers: { definition key's text, hot text, id per task }
-- Events: none
-- @include _keys
-- @include _read-tasks
local after, limit = ARGV[1], ARGV[2]
return readTasks(call('ZRANGE', TASKS, after == '' and '-' or '(' .. after, '+', 'BYLEX', 'LIMIT', 0, limit))
