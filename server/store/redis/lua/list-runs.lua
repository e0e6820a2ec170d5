-- listRuns: looks through a list of runs, newest first.
-- KEYS: partition
-- ARGV: of id states limit before most
--   of: task or owner. states: letters, empty for all. before: run id, empty from the newest. most: ids looked at.
-- Answers: owner or nothing (of a task), { id, run text per run }, last id looked at, looked at, 1 when older ones may exist
-- Events: none
-- @include _keys
local of, id, states, limit, before, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local call, match, sub = redis.call, string.match, string.sub
local key = of == 'task' and HISTORY .. id or OWNER_RUNS .. id
local hot = of == 'task' and call('GET', TASK .. id)
local owner = hot and match(hot, '^%S+ %S+ (%S+)') or ''
local from = 0
if before ~= '' then
  -- A step that stopped half-way and was repeated leaves its ids twice in its task's list, side by side: go on behind the
  -- last. In an owner's list an older namesake is one of a deleted task: go on behind the first.
  local places = call('LPOS', key, before, 'COUNT', 0)
  if #places == 0 then return { owner, {}, '', 0, 0 } end
  from = places[of == 'task' and #places or 1] + 1
end
local ids, keys = call('LRANGE', key, from, from + most - 1), {}
for i = 1, #ids do keys[i] = RUN .. ids[i] end
local texts = #keys > 0 and call('MGET', unpack(keys)) or {}
local answer, looked, last, seen = {}, 0, '', {}
for i = 1, #ids do
  if #answer >= 2 * limit then break end
  looked = i
  local text = texts[i]
  if not seen[ids[i]] then last = ids[i] end
  if text and not seen[ids[i]] and (states == '' or string.find(states, sub(text, 1, 1), 1, true)) then
    answer[#answer + 1] = ids[i]
    answer[#answer + 1] = text
  end
  seen[ids[i]] = true
end
local more = call('LLEN', key) > from + looked and 1 or 0
return { owner, answer, last, looked, more }
