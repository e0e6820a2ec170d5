-- scanTasks: every task of the partition, by id.
-- KEYS: partition
-- ARGV: after limit
--   after: empty from the first.
-- Answers: { definition key's text, hot text, id per task }
-- Events: none
-- @include _keys
-- @include _task-ids
-- @include _read-tasks
local after, limit = ARGV[1], tonumber(ARGV[2])
return readTasks(taskIds(after, limit))
