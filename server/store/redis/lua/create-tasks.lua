-- createTasks: put-if-absent of some tasks of one owner.
-- KEYS: partition
-- ARGV: owner limit (taskId segment fingerprint definition cursorAt nextAt pauseAfterFailures)*
--   segment: its line. definition: schedule, newline, the rest. cursorAt: `=` for just before the segment. nextAt,
--   pauseAfterFailures: `-` for null.
-- Answers: epoch, write number, wrote, { code created exists conflict limit, definition key's text, hot text per task }
-- Events: task.created
-- @include _step
local owner, limit = ARGV[1], tonumber(ARGV[2])
local ids, answers, definitions = {}, {}, {}
for at = 3, #ARGV, 7 do ids[#ids + 1] = ARGV[at] end
loadTasks(ids, true)
local owned = call('ZCARD', OWNER_TASKS .. owner)
for i = 1, #ids do
  local id, at = ids[i], 3 + (i - 1) * 7
  local t, code = tasks[id], 'created'
  if t then
    local definition = definitions[id] or call('GET', DEFINITION .. id) or ''
    definitions[id] = definition
    code = match(definition, '^[^\n]*\n%S+ %S+ (%S+)') == ARGV[at + 2] and 'exists' or 'conflict'
  elseif owned >= limit then
    code = 'limit'
  else
    owned = owned + 1
    -- A task made again under its old id goes on with the topic's old seq; the event of its making is the next.
    local seq = format('%.0f', (call('GET', LAST_SEQ .. id) or 0) + 1)
    definitions[id] = concat({
      ARGV[at + 1], concat({ nowText, owner, ARGV[at + 2], seq, ARGV[at + 4], ARGV[at + 5], ARGV[at + 6] }, ' '), ARGV[at + 3],
    }, '\n')
    put(sets, DEFINITION .. id, definitions[id])
    t = firstTask(id, TASK .. id, definitions[id])
    -- Listed newest first; those of one call keep their order. Whole numbers cost a small zset 10 bytes, others 23.
    first[#first + 1] = { 'ZADD', OWNER_TASKS .. owner, format('%.0f', now * 128 + i), id }
    first[#first + 1] = { 'ZADD', tasksKey(id), 0, id }
    if t[T_NEXT] ~= '-' then
      put(dueSoon, t[T_NEXT], id)
      wakeDue(t[T_NEXT])
    end
    listEvent('N', t)
  end
  local shown = code == 'created' or code == 'exists'
  local n = #answers
  answers[n + 1] = code
  answers[n + 2] = shown and definitions[id] or ''
  answers[n + 3] = shown and taskText(t) or ''
end
if #sets > 0 then flush() end
publish(false)
return { epoch, written, wrote, answers }
