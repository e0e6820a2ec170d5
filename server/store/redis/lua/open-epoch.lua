-- openEpoch: reads the partition's epoch; opens the first, or a new one after a loss of acknowledged writes.
-- KEYS: partition
-- ARGV: known random
--   known: the epoch that the caller last saw, empty for none. An epoch is `<generation>-<random>`.
-- Answers: epoch, write number. Unchanged when its generation is beyond the known one: someone else opened it.
-- Events: none (an empty entry, so that there always is a position to go on from)
-- @include _keys
local known, random = ARGV[1], ARGV[2]
local head = redis.call('HMGET', KEYS[1], 'epoch', 'w')
local epoch, written = head[1] or '', head[2] or '0'
local generation = tonumber(string.match(epoch, '^(%d+)-') or 0)
local knownGeneration = tonumber(string.match(known, '^(%d+)-') or 0)
if generation > knownGeneration then return { epoch, written } end
epoch = string.format('%.0f-%s', math.max(generation, knownGeneration) + 1, random)
redis.call('XADD', EVENTS, 'MAXLEN', '~', EVENTS_KEPT, '*', 'at', '0', 'e', '')
redis.call('HSET', KEYS[1], 'epoch', epoch, 'w', written)
return { epoch, written }
