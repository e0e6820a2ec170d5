-- openEpoch: reads the partition's epoch; opens the first, or a new one after a loss of acknowledged writes.
-- KEYS: partition
-- ARGV: known knownWritten random
--   known: the epoch that the caller last saw, empty for none; knownWritten: its highest write number. An epoch is
--   `<generation>-<random>`.
-- Answers: epoch, write number. Unchanged when nothing is lost, or when someone else has opened a later one.
-- Events: none (an empty entry, so that there always is a position to go on from)
-- @include _keys
local known, knownWritten, random = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local head = redis.call('HMGET', KEYS[1], 'epoch', 'w')
local epoch, written = head[1] or '', tonumber(head[2] or 0)
local generation = tonumber(string.match(epoch, '^(%d+)-') or 0)
local knownGeneration = tonumber(string.match(known, '^(%d+)-') or 0)
if generation > knownGeneration or (known ~= '' and epoch == known and written >= knownWritten) then
  return { epoch, written }
end
epoch = string.format('%.0f-%s', math.max(generation, knownGeneration) + 1, random)
redis.call('XADD', EVENTS, 'MAXLEN', '~', EVENTS_KEPT, '*', 'at', '0', 'e', '')
redis.call('HSET', KEYS[1], 'epoch', epoch, 'w', string.format('%.0f', written))
return { epoch, written }
