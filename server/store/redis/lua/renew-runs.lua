-- renewRuns: prolongs leases, expired ones that nobody took back included.
-- KEYS: partition
-- ARGV: leaseMs (runId token fence)*
-- Answers: epoch, write number, wrote, { one letter per run: r renewed, c cancelling, l lost }
-- Events: none
-- @oom allow
-- @include _step
local leaseMs = tonumber(ARGV[1])
local ids, answers = {}, {}
for at = 2, #ARGV, 3 do ids[#ids + 1] = ARGV[at] end
loadRuns(ids)
for i = 1, #ids do
  local r, at = runs[ids[i]], 2 + (i - 1) * 3
  local state = r and r[R_TOKEN] == ARGV[at + 1] and r[R_FENCE] == ARGV[at + 2] and r[R_STATE]
  if (state == 'r' or state == 'c') and tonumber(r[R_UNTIL]) > now then
    put(leaseAdd, math.min(now + leaseMs, tonumber(r[R_UNTIL])), ids[i])
    answers[i] = state == 'c' and 'c' or 'r'
  else
    answers[i] = 'l'
  end
end
if #leaseAdd > 0 then flush() end
return { epoch, written, wrote, answers }
