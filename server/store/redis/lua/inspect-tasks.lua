-- inspectTasks: what disagrees about tasks of the partition.
-- KEYS: partition
-- ARGV: after limit (taskId)*
--   limit 0: the tasks named.
-- Answers: { definition key's text, hot text, id, faults as lines per task }, { id, what per broken record }, the id to go on
--   behind, or empty
-- Events: none
-- @include _step
-- @include _task-ids
-- @include _inspect
local after, limit = ARGV[1], tonumber(ARGV[2])
local ids = {}
if limit > 0 then ids = taskIds(after, limit) end
for i = 3, #ARGV do ids[#ids + 1] = ARGV[i] end
local answer, broken, looked, last = {}, {}, 0, ''
for i = 1, #ids do
  local id = ids[i]
  local texts = call('MGET', DEFINITION .. id, TASK .. id)
  -- A task as it was made has no changing part, and nothing that a change would have left.
  local isFirst = texts[1] and not texts[2] and call('EXISTS', HISTORY .. id, VERDICTS .. id, SEGMENTS .. id) == 0
  if isFirst and find(texts[1], FIRST_PATTERN) then texts[2] = taskText(firstTask(id, TASK .. id, texts[1])) end
  if texts[1] and texts[2] then
    if find(texts[2], WHOLE_PATTERN) then
      -- A list of another type than it should be fails here, and the other tasks are to be looked at all the same.
      local isRead, sight = pcall(inspectTask, parseTask(id, TASK .. id, texts[2], true))
      if isRead then
        local n = #answer
        answer[n + 1], answer[n + 2], answer[n + 3] = texts[1], texts[2], id
        answer[n + 4] = concat(sight[I_FAULTS], '\n')
        for j = 1, #sight[I_DAMAGED] do put(broken, sight[I_DAMAGED][j], 'the record cannot be read') end
        looked = looked + sight[I_LOOKED]
      else
        put(broken, id, 'what belongs to it cannot be read')
      end
      looked = looked + 20
    else
      put(broken, id, 'the record cannot be read')
    end
  elseif texts[1] or texts[2] then
    put(broken, id, texts[1] and 'the changing part is missing' or 'the definition is missing')
  elseif limit > 0 then
    put(broken, id, '-')
  end
  if limit > 0 and looked > INSPECTED_A_CALL and i < #ids then
    last = id
    break
  end
end
if last == '' and limit > 0 and #ids >= limit then last = ids[#ids] end
return { answer, broken, last }
