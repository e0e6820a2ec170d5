-- readEvents: log entries after a position.
-- KEYS: partition
-- ARGV: known position limit
--   known: the epoch of the position; empty: from the oldest kept.
-- Answers: epoch, 1 when entries are missing, position to go on from, { { id, { field, value, … } } per entry }
-- Events: none
-- @include _keys
local known, position, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
local epoch, gap = redis.call('HGET', KEYS[1], 'epoch') or '', 0
if known ~= '' then
  -- A position is an entry's id: while that entry is kept, everything after it is. Opening an epoch writes an empty one,
  -- so there always is an entry.
  local entries = redis.call('XRANGE', EVENTS, position, position)
  if known ~= epoch or not entries[1] then
    gap, position = 1, nil
  end
else
  position = nil
end
local answer = {}
repeat
  local page = redis.call('XRANGE', EVENTS, position and '(' .. position or '-', '+', 'COUNT', limit)
  for i = 1, #page do
    if #answer == limit then break end
    position = page[i][1]
    if page[i][2][4] ~= '' then answer[#answer + 1] = page[i] end
  end
until #page < limit or #answer > 0
return { epoch, gap, position or '0-0', answer }
