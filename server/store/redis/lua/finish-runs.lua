-- finishRuns: ends attempts, then claims.
-- KEYS: partition
-- ARGV: claimKey requestId worker limit leaseMs (runId lease how error result)*
--   requestId empty: no claim. lease: token and fence, a space behind each. how: outcome (s f t x, w retry, r released), attempt's outcome (s f t x r), endTask (1 0),
--   retryInMs. error, result: JSON, empty for none.
-- Answers: epoch, write number, wrote, { one text per run: f<state> finished, a<state> already_done, r refused, g gone },
--   { three values per claimed run }
-- Events: run.finished, run.retry_scheduled, run.released; run.queued of what becomes ready after it; run.started
-- @oom allow
-- @include _step
-- @include _end-run
-- @include _claim-ready
local claimKey, requestId, worker, limit, leaseMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local RUN_ARGS = 5

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

-- A running run: its seq, what its task's counters need, where what an end keeps begins, and where its lease does.
local RUNNING = '^r (%d+) %d+ ()(%S+) %S+ (%S+) %S+ (%S+) (%S+) (%S+) ()'

-- The usual end, with success: its record is cut and joined instead of taken apart. False when something else is the case.
local function succeed(id, key, text, t, lease, result, err)
  local seq, keptFrom, kind, lateAfter, day, startedAt, attempt, leaseFrom = match(text, RUNNING)
  if not seq or sub(text, leaseFrom, leaseFrom + #lease - 1) ~= lease then return false end
  t[T_SEQ], seq = int(t[T_SEQ] + 1), int(seq + 1)
  touchTask(t)
  fresh[id] = 's ' .. seq .. ' ' .. nowText .. ' ' .. sub(text, keptFrom, -2) .. ',' .. nowText .. (err == '' and ',"s"]\n' or ',"s",' .. err .. ']\n')
    .. result .. '\t' .. err
  put(sets, key, fresh[id])
  leaseRemove[#leaseRemove + 1] = id
  events[#events + 1] = 'E' .. id .. ' ' .. t[T_SEQ] .. ' ' .. seq .. ' s ' .. attempt
  countOut(t, id, false, 's', kind, lateAfter, day, startedAt)
  return true
end

local function finish(id, key, text, t, lease, how, err, result)
  -- Finished by this very call, with the same lease: in a batch twice.
  text = fresh[id] or text
  if not text or not t then return 'g' end
  if how == 'ss0' and not runs[id] and succeed(id, key, text, t, lease, result, err) then return 'fs' end
  local r = runs[id] or parseRun(id, key, text)
  if r[R_TOKEN] .. ' ' .. r[R_FENCE] .. ' ' ~= lease then return 'r' end
  if r[R_STATE] == 'r' or r[R_STATE] == 'c' then return finishOne(r, t, how, err, result) end
  return 'a' .. r[R_STATE]
end

local ids, taskIds = {}, {}
for at = 6, #ARGV, RUN_ARGS do
  ids[#ids + 1] = ARGV[at]
  taskIds[#taskIds + 1] = taskOf(ARGV[at])
end
local texts, keys = readRuns(ids)
loadTasks(taskIds)
local answers = {}
for i = 1, #ids do
  local at = 6 + (i - 1) * RUN_ARGS
  answers[i] = finish(ids[i], keys[i], texts[i], tasks[taskIds[i]], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
end
if #dirtyTasks > 0 then flush() end
local claimed, left = {}, true
if requestId ~= '' then claimed, left = claimReady(claimKey, requestId, worker, limit, leaseMs) end
publish(#readyIds > 0 and left)
return { epoch, written, wrote, answers, claimed }
