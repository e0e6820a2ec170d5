-- claimRuns: hands out ready runs.
-- KEYS: partition
-- ARGV: requestId worker limit leaseMs
-- Answers: epoch, write number, wrote, { eight values per run: id, attempt, failures, fence, `"worker",startedAt`, first start, fixed line,
--   definition key's text }
-- Events: run.started
-- @include _step
-- @include _claim-ready
local requestId, worker, limit, leaseMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local claimed = claimReady(requestId, worker, limit, leaseMs)
return { epoch, written, wrote, claimed }
