-- scanTasks: every task of the partition, by id.
-- KEYS: partition
-- ARGV: after limit
--   after: empty from the first.
-- Answers: { definition key's text, hot text, id per task }
-- Events: none
-- @include _keys
-- @include _read-tasks
local after, limit = ARGV[1], tonumber(ARGV[2])
-- One of each list, in the order of bytes. 256 lists at most: 0.1 ms when all are empty.
local FIRST, SECOND = '234567abcdefghijklmnopqrstuvwxyz', '26cgkosw'
local ids, start = {}, after == '' and '' or tasksKey(after)
for i = 1, #FIRST do
  for j = 1, #SECOND do
    local key = tasksKey('--' .. string.sub(FIRST, i, i) .. string.sub(SECOND, j, j))
    if key >= start and #ids < limit then
      local from = key == start and '(' .. after or '-'
      local page = call('ZRANGE', key, from, '+', 'BYLEX', 'LIMIT', 0, limit - #ids)
      for k = 1, #page do ids[#ids + 1] = page[k] end
    end
  end
end
return readTasks(ids)
