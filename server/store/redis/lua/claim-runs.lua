-- claimRuns: hands out ready runs.
-- KEYS: partition
-- ARGV: claimKey requestId worker limit leaseMs
--   claimKey: remembers for 60 s what was claimed. requestId: the token of the leases.
-- Answers: epoch, write number, wrote, { three values per run: id, record, definition key's text (empty where an earlier run of the task has it) }
-- Events: run.started
-- @include _step
-- @include _claim-ready
local claimKey, requestId, worker, limit, leaseMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local claimed = claimReady(claimKey, requestId, worker, limit, leaseMs)
publish(false)
return { epoch, written, wrote, claimed }
