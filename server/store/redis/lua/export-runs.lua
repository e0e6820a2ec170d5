-- exportRuns: runs with what their records do not tell.
-- KEYS: partition
-- ARGV: (runId)*
-- Answers: { id, owner, run text, day or `-`, attempt, fence, failures, losses per run }
-- Events: none
-- @include _step
local ids, answer = {}, {}
for at = 1, #ARGV do ids[at] = ARGV[at] end
loadRuns(ids)
for i = 1, #ids do
  local r = runs[ids[i]]
  local t = r and loadTask(taskOf(ids[i]))
  if t then
    put(answer, ids[i], t[T_OWNER])
    put(answer, runText(r), r[R_DAY])
    put(answer, r[R_ATTEMPT], r[R_FENCE])
    put(answer, r[R_FAILURES], match(r[R_REST], '^%d+'))
  end
end
return answer
