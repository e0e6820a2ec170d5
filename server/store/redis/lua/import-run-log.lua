-- importRunLog: the whole log of a run.
-- KEYS: partition
-- ARGV: runId (line)*
--   line: JSON.
-- Answers: epoch, write number, wrote
-- Events: none
-- @include _step
local runId = ARGV[1]
local lines, bytes = {}, 0
for at = 2, #ARGV do
  lines[#lines + 1] = ARGV[at]
  bytes = bytes + #ARGV[at]
end
first[1] = { 'DEL', LOG .. runId }
if #lines > 0 then first[2] = { 'RPUSH', LOG .. runId, bytes, unpack(lines) } end
flush()
return { epoch, written, wrote }
