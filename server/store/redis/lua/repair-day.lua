-- repairDay: sets counters of a day that still are as they were seen.
-- KEYS: partition
-- ARGV: taskId (field seen counted)*
-- Answers: epoch, write number, wrote, 1 or 0
-- Events: none
-- @include _step
local taskId = ARGV[1]
local t = loadTask(taskId, true)
for at = 2, #ARGV, 3 do
  local present = call('HGET', DAYS .. taskId, ARGV[at]) or '0'
  if not t or present ~= ARGV[at + 1] then return { epoch, written, wrote, 0 } end
  if ARGV[at + 1] ~= ARGV[at + 2] then
    first[#first + 1] = ARGV[at + 2] == '0' and { 'HDEL', DAYS .. taskId, ARGV[at] }
      or { 'HSET', DAYS .. taskId, ARGV[at], ARGV[at + 2] }
  end
end
if #first > 0 then flush() end
return { epoch, written, wrote, 1 }
