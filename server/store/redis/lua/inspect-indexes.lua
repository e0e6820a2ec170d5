-- inspectIndexes: entries of one index that point at nothing.
-- KEYS: partition
-- ARGV: letter owner from limit
--   letter: as in _stray. owner: for o. from: rank of the first one looked at.
-- Answers: { stray ids }, { ids of tasks that the partition's list does not have }, number looked at
-- Events: none
-- @include _keys
-- @include _stray
local letter, owner, from, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local indexes = { d = DUE, l = LEASES, y = RETRIES, o = OWNER_TASKS .. owner }
local ids = redis.call('ZRANGE', indexes[letter], from, from + limit - 1)
local ofRuns = letter == 'l' or letter == 'y'
local keys, strays, unlisted = {}, {}, {}
for i = 1, #ids do keys[i] = (ofRuns and RUN or DEFINITION) .. ids[i] end
local texts = #keys > 0 and redis.call('MGET', unpack(keys)) or {}
for i = 1, #ids do
  -- A task that has but one of its two records is broken, not gone.
  local text = texts[i] or not ofRuns and redis.call('GET', TASK .. ids[i])
  if isStray(letter, ids[i], text) then
    strays[#strays + 1] = ids[i]
  elseif not ofRuns and not redis.call('ZSCORE', tasksKey(ids[i]), ids[i]) then
    unlisted[#unlisted + 1] = ids[i]
  end
end
return { strays, unlisted, #ids }
