-- @include _keys
-- One step: reads and decides first, then flush() writes. Redis rolls nothing back, so flush() has an order:
--   1. entries that are only believed together with a record (leases, queues, verdicts beyond the count kept in the task)
--   2. the records, in one MSET: the point of no return
--   3. what follows from them (counters, events, removals)
--   4. leases let go
-- A step that stops anywhere can be repeated: before 2 nothing has happened, after 2 it has.
local call, match, find, sub, gsub = redis.call, string.match, string.find, string.sub, string.gsub
local format, concat, floor = string.format, table.concat, math.floor
local clock = call('TIME')
local now = clock[1] * 1000 + floor(clock[2] / 1000)
local nowText = format('%.0f', now)
local head = call('HMGET', KEYS[1], 'epoch', 'w', 'turn')
local epoch, written, turn = head[1] or '', tonumber(head[2] or 0), tonumber(head[3] or 0)
-- 1 once this step has written: then its write number must be beyond every one seen before.
local wrote = 0

-- Records by id, and the texts of runs that this step makes.
local tasks, runs, fresh = {}, {}, {}
local dirtyTasks, dirtyRuns, made = {}, {}, {}
-- Calls before and after the records, as { command, key, ... }; `sets` is the MSET.
local first, sets, after = {}, {}, {}
local counts, events, removed = {}, {}, {}
local leaseAdd, leaseRemove, retryAdd, retryRemove = {}, {}, {}, {}
-- dueSoon only moves entries forward (an entry too early is harmless), so it may come first.
local dueSoon, dueSet, dueRemove = {}, {}, {}
-- Run ids made ready by `prio|owner`, and made at all by owner.
local lanes, laneOrder, ownerRuns, ownerOrder, ownerSeqs = {}, {}, {}, {}, {}
local readyIds, cancels, dueWake = {}, {}, nil

-- Lua refuses to unpack 8,000 values.
local function callMany(command, key, values)
  for from = 1, #values, 4000 do
    call(command, key, unpack(values, from, from + 3999 < #values and from + 3999 or #values))
  end
end

local function put(list, a, b)
  local n = #list
  list[n + 1] = a
  list[n + 2] = b
end

local function count(key, field, by)
  local n = #counts
  counts[n + 1] = key
  counts[n + 2] = field
  counts[n + 3] = by
end

-- Making text of a number costs Lua 0.5 us; most of those in one call are few and small.
local ints = {}
local function int(n)
  local text = ints[n]
  if text == nil then
    text = format('%.0f', n)
    ints[n] = text
  end
  return text
end

local function wakeDue(at)
  at = tonumber(at)
  if dueWake == nil or at < dueWake then dueWake = at end
end

local function enqueue(owner, priority, runId)
  local lane = priority .. '|' .. owner
  local ids = lanes[lane]
  if ids == nil then
    ids = {}
    lanes[lane] = ids
    laneOrder[#laneOrder + 1] = lane
  end
  ids[#ids + 1] = runId
  readyIds[#readyIds + 1] = runId
end

-- @include _task-record
-- @include _run-record

-- One line for the owner's list and the task's topic.
local function taskEvent(code, t)
  local owner = t[T_OWNER]
  if ownerSeqs[owner] == nil then
    ownerSeqs[owner] = call('HGET', OWNER_SEQS, owner) or 0
    ownerSeqs[#ownerSeqs + 1] = owner
  end
  ownerSeqs[owner] = ownerSeqs[owner] + 1
  t[T_SEQ] = int(t[T_SEQ] + 1)
  touchTask(t)
  events[#events + 1] = code .. concat({ t[T_ID], t[T_SEQ], ownerSeqs[owner], owner, t[T_VERSION] }, ' ')
end

-- Lower first: priority, then turn.
local function turnScore(lane)
  turn = turn + 1
  return format('%.0f', (10 - match(lane, '^[^|]+')) * 1e13 + turn)
end

-- Elements beyond the count in the record were left by a step that stopped half-way: they go.
local function appendVerdicts(t)
  local key, list, known = VERDICTS .. t[T_ID], t[T_PUSH], tonumber(t[T_VERDICTS])
  local long = call('RPUSH', key, unpack(list))
  if long > known + #list then
    call('LTRIM', key, 0, known - 1)
    if known == 0 then call('DEL', key) end
    long = call('RPUSH', key, unpack(list))
  end
  t[T_VERDICTS] = long
  t[T_PUSH] = false
end

local function writeEvents(lines)
  if #lines > 0 then
    call('XADD', EVENTS, 'MAXLEN', '~', EVENTS_KEPT, '*', 'at', nowText, 'e', concat(lines, '\n'))
  end
end

local function writeHead()
  written, wrote = written + 1, 1
  call('HSET', KEYS[1], 'w', format('%.0f', written), 'turn', format('%.0f', turn))
end

local function writeSets()
  for from = 1, #sets, 4000 do
    call('MSET', unpack(sets, from, from + 3999 < #sets and from + 3999 or #sets))
  end
end

local function flush()
  if #leaseAdd > 0 then callMany('ZADD', LEASES, leaseAdd) end
  if #retryAdd > 0 then callMany('ZADD', RETRIES, retryAdd) end
  if #laneOrder > 0 then
    local turns = {}
    for i = 1, #laneOrder do
      callMany('RPUSH', QUEUE .. laneOrder[i], lanes[laneOrder[i]])
      put(turns, turnScore(laneOrder[i]), laneOrder[i])
    end
    call('ZADD', TURNS, 'NX', unpack(turns))
  end
  if #dueSoon > 0 then call('ZADD', DUE, 'LT', unpack(dueSoon)) end
  for i = 1, #first do call(unpack(first[i])) end
  for i = 1, #made do
    local id = made[i]
    if not runs[id] then put(sets, RUN .. id, fresh[id]) end
  end
  for i = 1, #dirtyRuns do
    local r = dirtyRuns[i]
    put(sets, r[R_KEY], runText(r))
    r[R_DIRTY] = false
  end
  for i = 1, #dirtyTasks do
    local t = dirtyTasks[i]
    if t[T_PUSH] then appendVerdicts(t) end
    if t[T_MADE] then
      callMany('LPUSH', HISTORY .. t[T_ID], t[T_MADE])
      t[T_KEPT] = t[T_KEPT] + #t[T_MADE]
      t[T_MADE] = false
    end
    if t[T_POPPED] then
      after[#after + 1] = { 'LTRIM', WAITING .. t[T_ID], t[T_POPPED], -1 }
      t[T_POPPED] = false
    end
    put(sets, t[T_KEY], taskText(t))
    t[T_DIRTY] = false
  end

  writeSets()

  for i = 1, #ownerSeqs do call('HSET', OWNER_SEQS, ownerSeqs[i], ownerSeqs[ownerSeqs[i]]) end
  for i = 1, #counts, 3 do call('HINCRBY', counts[i], counts[i + 1], counts[i + 2]) end
  for i = 1, #ownerOrder do
    local key = OWNER_RUNS .. ownerOrder[i]
    callMany('LPUSH', key, ownerRuns[ownerOrder[i]])
    call('LTRIM', key, 0, OWNER_RUNS_SCANNED - 1)
  end
  for from = 1, #removed, 4000 do
    call('UNLINK', unpack(removed, from, from + 3999 < #removed and from + 3999 or #removed))
  end
  for i = 1, #after do call(unpack(after[i])) end
  if #dueSet > 0 then callMany('ZADD', DUE, dueSet) end
  if #dueRemove > 0 then callMany('ZREM', DUE, dueRemove) end
  if #retryRemove > 0 then callMany('ZREM', RETRIES, retryRemove) end
  writeEvents(events)
  writeHead()
  if #leaseRemove > 0 then callMany('ZREM', LEASES, leaseRemove) end
end

-- Tells loops on any server; hints only. `r|15`, `d|15|<at>`, `c|15|<runId>` on `<prefix>:wake`.
local function publish(ready)
  local prefix, hex = match(base, '^{(.*):(%x%x)}:$')
  local channel, partition = prefix .. ':wake', '|' .. tonumber(hex, 16)
  if ready then call('PUBLISH', channel, 'r' .. partition) end
  if dueWake then call('PUBLISH', channel, 'd' .. partition .. '|' .. format('%.0f', dueWake)) end
  for i = 1, #cancels do call('PUBLISH', channel, 'c' .. partition .. '|' .. cancels[i]) end
end
