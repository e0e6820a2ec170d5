-- repairTask: puts right what disagrees about one task.
-- KEYS: partition
-- ARGV: taskId leaseMs
-- Answers: epoch, write number, wrote, { one text `kind what` per fault }
-- Events: task.changed; run.queued of what goes on
-- @oom allow
-- @include _step
-- @include _end-run
-- @include _inspect
local taskId, leaseMs = ARGV[1], tonumber(ARGV[2])
local t, definition = loadTask(taskId, true), call('GET', DEFINITION .. taskId)
if not t or not definition then return { epoch, written, wrote, {} } end
local sight = inspectTask(t)
local faults = sight[I_FAULTS]
if #faults == 0 then return { epoch, written, wrote, faults } end

-- Runs are believed before lists.
local function joined(list)
  table.sort(list, function(a, b) return tonumber(a) < tonumber(b) end)
  return #list == 0 and '-' or concat(list, ',')
end
t[T_LIVE], t[T_HELD], t[T_LATE] = joined(sight[I_LIVE]), joined(sight[I_HELD]), sight[I_LATE]
t[T_WAITING], t[T_ASKED] = #sight[I_WAITING], sight[I_ASKED]
local unlisted = sight[I_UNLISTED]
if #unlisted > 0 then first[#first + 1] = { 'RPUSH', WAITING .. taskId, unpack(unlisted, 1, math.min(#unlisted, 4000)) } end

for _, r in ipairs(sight[I_LEASES]) do
  put(leaseAdd, int(math.min(now + leaseMs, math.max(now, numberOr(r[R_UNTIL], now)))), r[R_ID])
end
for _, r in ipairs(sight[I_RETRIES]) do put(retryAdd, int(numberOr(r[R_UNTIL], now)), r[R_ID]) end
for _, r in ipairs(sight[I_QUEUE]) do
  enqueue(t[T_OWNER], r[R_PRIORITY], r[R_ID])
end
releaseHeld(t)
-- Those just listed are promoted by the next look: the list does not have them yet.
if t[T_LATE] == '-' and #sight[I_WAITING] > 0 and #unlisted == 0 then promoteWaiting(t) end

local due = sight[I_DUE]
if due == '-' then
  dueRemove[1] = taskId
else
  put(dueSet, due, taskId)
  wakeDue(due)
end
if not sight[I_OWNED] then
  first[#first + 1] = { 'ZADD', OWNER_TASKS .. t[T_OWNER], format('%.0f', (match(definition, '^[^\n]*\n(%d+)') or now) * 128), taskId }
end
if not sight[I_LISTED] then first[#first + 1] = { 'ZADD', tasksKey(taskId), 0, taskId } end
taskEvent('U', t)
flush()
publish(#readyIds > 0)
return { epoch, written, wrote, faults }
