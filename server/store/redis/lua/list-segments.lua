-- listSegments: all segments kept, oldest first.
-- KEYS: partition
-- ARGV: taskId
-- Answers: { segment lines }, the open one last
-- Events: none
-- @include _keys
-- @include _segments
local taskId = ARGV[1]
local text = redis.call('GET', DEFINITION .. taskId)
if not text then return {} end
local lines = redis.call('LRANGE', SEGMENTS .. taskId, 0, -1)
local newest, schedule = string.match(text, '^([^\n]*)\n[^\n]*\n([^\n]*)')
lines[#lines + 1] = wholeSegment(newest, schedule)
return lines
