-- listSegments: all segments kept, oldest first.
-- KEYS: partition
-- ARGV: taskId
-- Answers: { segment lines }, the open one last
-- Events: none
-- @include _keys
local taskId = ARGV[1]
local text = redis.call('GET', DEFINITION .. taskId)
if not text then return {} end
local lines = redis.call('LRANGE', SEGMENTS .. taskId, 0, -1)
lines[#lines + 1] = string.match(text, '^[^\n]*')
return lines
