-- scanTasks: every task of the partition, by id.
-- KEYS: partition
-- ARGV: after limit
--   after: empty from the first.
-- Answers: { definition key's text, hot text, id per task }
-- Events: none
-- @include _keys
-- @include _read-tasks
local after, limit = ARGV[1], tonumber(ARGV[2])
-- Of base32 in the order of bytes. 1,024 lists at most: 0.3 ms when all are empty.
local LETTERS = '234567abcdefghijklmnopqrstuvwxyz'
local ids, bucket = {}, string.sub(after, 3, 4)
for i = 1, #LETTERS do
  for j = 1, #LETTERS do
    local name = string.sub(LETTERS, i, i) .. string.sub(LETTERS, j, j)
    if name >= bucket and #ids < limit then
      local from = name == bucket and '(' .. after or '-'
      local page = call('ZRANGE', TASKS .. name, from, '+', 'BYLEX', 'LIMIT', 0, limit - #ids)
      for k = 1, #page do ids[#ids + 1] = page[k] end
    end
  end
end
return readTasks(ids)
