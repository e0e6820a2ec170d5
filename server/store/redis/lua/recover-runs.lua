-- recoverRuns: takes back expired leases and makes due retries ready.
-- KEYS: partition
-- ARGV: limit countLosses validUntilAt
-- Answers: epoch, write number, wrote, { run id, state letter, … of lost attempts }, promoted, next instant or `-`
-- Events: run.lost, or run.finished (third loss, or cancelling); run.queued of retries
-- @oom allow
-- @include _step
-- @include _end-run
local limit, countLosses, validUntilAt = tonumber(ARGV[1]), ARGV[2] == '1', tonumber(ARGV[3])
if now > validUntilAt then limit = 0 end
local leases = call('ZRANGE', LEASES, '-inf', nowText, 'BYSCORE', 'LIMIT', 0, limit)
local retries = call('ZRANGE', RETRIES, '-inf', nowText, 'BYSCORE', 'LIMIT', 0, limit)
loadRuns(leases)
loadRuns(retries)
local lost, promoted = {}, 0
for i = 1, #leases do
  local r = runs[leases[i]]
  local t = r and loadTask(taskOf(leases[i]))
  local state = t and r[R_STATE]
  if state == 'r' or state == 'c' then
    local losses = match(r[R_REST], '^%d+') + (countLosses and 1 or 0)
    setRest(r, 1, int(losses))
    local attempt = r[R_ATTEMPT]
    endAttempt(r, 'l', '')
    r[R_TOKEN] = '-' -- its late finish is to be refused
    if state == 'c' then
      endRun(r, t, 'x', '\t' .. CANCELLED_ERROR)
    elseif losses >= 3 then
      endRun(r, t, 'f', '\t' .. WORKER_LOST_ERROR)
    else
      makeReady(r, t)
      runEvent('L', r, t, ' ' .. attempt)
    end
    put(lost, leases[i], r[R_STATE])
  end
  leaseRemove[#leaseRemove + 1] = leases[i]
end
for i = 1, #retries do
  local r = runs[retries[i]]
  local t = r and loadTask(taskOf(retries[i]))
  if t and r[R_STATE] == 'w' then
    makeReady(r, t)
    runEvent('Q', r, t)
    promoted = promoted + 1
  end
  retryRemove[#retryRemove + 1] = retries[i]
end
if #leases + #retries > 0 then
  flush()
  publish(#readyIds > 0)
end
local lease = call('ZRANGE', LEASES, 0, 0, 'WITHSCORES')[2]
local retry = call('ZRANGE', RETRIES, 0, 0, 'WITHSCORES')[2]
local nextAt = math.min(tonumber(lease or math.huge), tonumber(retry or math.huge))
return { epoch, written, wrote, lost, promoted, nextAt < math.huge and format('%.0f', nextAt) or '-' }
