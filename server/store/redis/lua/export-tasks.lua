-- exportTasks: tasks with what their records do not tell.
-- KEYS: partition
-- ARGV: (taskId)*
-- Answers: { definition key's text, hot text, id, fingerprint, pauseAfterFailures or `-` per task }
-- Events: none
-- @include _step
local ids, answer = {}, {}
for at = 1, #ARGV do ids[at] = ARGV[at] end
loadTasks(ids, true)
for i = 1, #ids do
  local t, definition = tasks[ids[i]], call('GET', DEFINITION .. ids[i])
  if t and definition then
    put(answer, definition, taskText(t))
    put(answer, ids[i], match(definition, '^[^\n]*\n%S+ %S+ (%S+)'))
    answer[#answer + 1] = t[T_PAUSE_AFTER]
  end
end
return answer
