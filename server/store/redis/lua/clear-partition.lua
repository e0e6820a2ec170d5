-- clearPartition: removes a page of the partition's keys. The caller goes on until the cursor is 0 again.
-- KEYS: partition
-- ARGV: cursor
-- Answers: next cursor
-- Events: none
-- @oom allow
-- @include _keys
local cursor = ARGV[1]
local page = redis.call('SCAN', cursor, 'MATCH', base .. '*', 'COUNT', 1000)
if #page[2] > 0 then redis.call('UNLINK', unpack(page[2])) end
return page[1]
