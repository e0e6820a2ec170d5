-- readEvents: log entries after a position.
-- KEYS: partition
-- ARGV: epoch position limit
--   epoch empty: from the oldest kept.
-- Answers: epoch, 1 when entries are missing, { id, { field, value, … } per entry }
-- Events: none
-- @include _keys
local known, position, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
if known == '' then return { epoch, 0, redis.call('XRANGE', EVENTS, '-', '+', 'COUNT', limit) } end
local entries = redis.call('XRANGE', EVENTS, position, '+', 'COUNT', limit + 1)
-- A position is an entry's id: while that entry is kept, everything after it is. Opening an epoch writes an entry.
if known ~= epoch or not entries[1] or entries[1][1] ~= position then
  return { epoch, 1, redis.call('XRANGE', EVENTS, '-', '+', 'COUNT', limit) }
end
table.remove(entries, 1)
return { epoch, 0, entries }
