-- deleteTask: removes a task and all that belongs to it.
-- KEYS: partition
-- ARGV: taskId
-- Answers: epoch, write number, wrote, 1 or 0
-- Events: task.deleted
-- @oom allow
-- @include _step
local taskId = ARGV[1]
local t = loadTask(taskId, true)
if not t then return { epoch, written, wrote, 0 } end
-- Entries of ready lists stay: a claim drops ids without a record.
for from = 0, tonumber(t[T_KEPT]) + 1000, 2000 do
  local ids, keys = call('LRANGE', HISTORY .. taskId, from, from + 1999), {}
  if #ids == 0 then break end
  for i = 1, #ids do keys[i] = RUN .. ids[i] end
  local texts = call('MGET', unpack(keys))
  for i = 1, #ids do
    local state = texts[i] and sub(texts[i], 1, 1)
    if state == 'r' or state == 'c' then
      leaseRemove[#leaseRemove + 1] = ids[i]
      cancels[#cancels + 1] = ids[i]
    elseif state == 'w' then
      retryRemove[#retryRemove + 1] = ids[i]
    end
    put(removed, keys[i], LOG .. ids[i])
  end
end
taskEvent('D', t)
-- The record goes last: until then a repeat finds the task and removes the rest.
call('SET', LAST_SEQ .. taskId, t[T_SEQ], 'EX', 604800)
call('HSET', OWNER_SEQS, t[T_OWNER], ownerSeqs[t[T_OWNER]])
call('ZREM', DUE, taskId)
for from = 1, #removed, 4000 do
  call('UNLINK', unpack(removed, from, from + 3999 < #removed and from + 3999 or #removed))
end
call('UNLINK', SEGMENTS .. taskId, VERDICTS .. taskId, DAYS .. taskId, HISTORY .. taskId, WAITING .. taskId)
if #retryRemove > 0 then callMany('ZREM', RETRIES, retryRemove) end
if #leaseRemove > 0 then callMany('ZREM', LEASES, leaseRemove) end
call('ZREM', OWNER_TASKS .. t[T_OWNER], taskId)
call('ZREM', tasksKey(taskId), taskId)
call('UNLINK', DEFINITION .. taskId, TASK .. taskId)
writeEvents(events)
writeHead()
publish(false)
return { epoch, written, wrote, 1 }
