-- finishRuns: ends attempts, then claims.
-- KEYS: partition
-- ARGV: claimKey requestId worker limit leaseMs (runId token fence how error result)*
--   requestId empty: no claim. how: outcome (s f t x, w retry, r released), attempt's outcome (s f t x r), endTask (1 0),
--   retryInMs. error, result: JSON, empty for none.
-- Answers: epoch, write number, wrote, { one text per run: f<state> finished, a<state> already_done, r refused, g gone },
--   { eight values per claimed run }
-- Events: run.finished, run.retry_scheduled, run.released; run.queued of what becomes ready after it; run.started
-- @oom allow
-- @include _step
-- @include _end-run
-- @include _claim-ready
local claimKey, requestId, worker, limit, leaseMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local RUN_ARGS = 6

local function finishOne(r, t, how, err, result)
  local outcome, attemptOutcome = sub(how, 1, 1), sub(how, 2, 2)
  local cancelling = r[R_STATE] == 'c'
  leaseRemove[#leaseRemove + 1] = r[R_ID]
  if attemptOutcome == 'f' or attemptOutcome == 't' then r[R_FAILURES] = int(r[R_FAILURES] + 1) end
  endAttempt(r, attemptOutcome, err)
  -- First: what waits behind this run must not go on, and be claimed by this very call.
  if sub(how, 3, 3) == '1' and t[T_CLOSING] == '-' and t[T_STATE] ~= 'e' then leaveClosing(t, 'e') end
  if outcome == 'x' or cancelling and (outcome == 'w' or outcome == 'r') then
    endRun(r, t, 'x', '\t' .. ((outcome == 'x' and err ~= '') and err or CANCELLED_ERROR))
  elseif outcome == 'w' then
    r[R_STATE], r[R_UNTIL] = 'w', int(now + sub(how, 4))
    put(retryAdd, r[R_UNTIL], r[R_ID])
    runEvent('W', r, t, ' ' .. r[R_UNTIL] .. ' ' .. r[R_ATTEMPT])
  elseif outcome == 'r' then
    makeReady(r, t)
    runEvent('R', r, t, ' ' .. r[R_ATTEMPT])
  else
    endRun(r, t, outcome, result .. '\t' .. err)
  end
  return 'f' .. r[R_STATE]
end

local ids, taskIds = {}, {}
for at = 6, #ARGV, RUN_ARGS do
  ids[#ids + 1] = ARGV[at]
  taskIds[#taskIds + 1] = taskOf(ARGV[at])
end
loadRuns(ids)
loadTasks(taskIds)
local answers = {}
for i = 1, #ids do
  local at, r, t = 6 + (i - 1) * RUN_ARGS, runs[ids[i]], tasks[taskIds[i]]
  if not r or not t then
    answers[i] = 'g'
  elseif r[R_TOKEN] ~= ARGV[at + 1] or r[R_FENCE] ~= ARGV[at + 2] then
    answers[i] = 'r'
  elseif r[R_STATE] == 'r' or r[R_STATE] == 'c' then
    answers[i] = finishOne(r, t, ARGV[at + 3], ARGV[at + 4], ARGV[at + 5])
  else
    answers[i] = 'a' .. r[R_STATE]
  end
end
if #dirtyRuns > 0 then flush() end
local claimed, left = {}, true
if requestId ~= '' then claimed, left = claimReady(claimKey, requestId, worker, limit, leaseMs) end
publish(#readyIds > 0 and left)
return { epoch, written, wrote, answers, claimed }
