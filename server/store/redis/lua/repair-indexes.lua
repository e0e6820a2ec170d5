-- repairIndexes: removes entries that still point at nothing.
-- KEYS: partition
-- ARGV: (letter id owner)*
--   letter: as in _stray.
-- Answers: epoch, write number, wrote, number removed
-- Events: none
-- @oom allow
-- @include _step
-- @include _stray
for at = 1, #ARGV, 3 do
  local letter, id, owner = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local ofRuns = letter == 'l' or letter == 'y'
  local text = call('GET', (ofRuns and RUN or DEFINITION) .. id) or not ofRuns and call('GET', TASK .. id)
  if isStray(letter, id, text) then
    local key = ({ d = DUE, l = LEASES, y = RETRIES, o = OWNER_TASKS .. owner, t = tasksKey(id) })[letter]
    first[#first + 1] = { 'ZREM', key, id }
  end
end
if #first > 0 then flush() end
return { epoch, written, wrote, #first }
