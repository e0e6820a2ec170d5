-- claimRuns: hands out ready runs.
-- KEYS: partition
-- ARGV: claimKey requestId worker limit leaseMs
--   claimKey: remembers for 60 s what was claimed. requestId: the token of the leases.
-- Answers: epoch, write number, wrote, { eight values per run: id, attempt, failures, fence, `"worker",startedAt`, first start, fixed line,
--   definition key's text }
-- Events: run.started
-- @include _step
-- @include _claim-ready
local claimKey, requestId, worker, limit, leaseMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local claimed = claimReady(claimKey, requestId, worker, limit, leaseMs)
publish(false)
return { epoch, written, wrote, claimed }
