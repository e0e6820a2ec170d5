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
-- True once events were written: who listens is to be told.
local logGrew = false

-- Lua refuses to unpack 8,000 values. Answers what the last call did.
local function callMany(command, key, values)
  local answer
  for from = 1, #values, 4000 do
    answer = call(command, key, unpack(values, from, from + 3999 < #values and from + 3999 or #values))
  end
  return answer
end

local function put(list, a, b)
  local n = #list
  list[n + 1] = a
  list[n + 2] = b
end

-- Day counters; one HINCRBY for all of a step to the same.
local function count(t, field, by)
  local fields = counts[t]
  if fields == nil then
    fields = {}
    counts[t] = fields
  end
  fields[field] = (fields[field] or 0) + by
end

-- Making text of a number costs Lua 0.5 us, as an argument of a call, too; most of those in one call are few and small.
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

-- One line for the owner's list and the task's topic, which has counted it.
local function listEvent(code, t)
  local owner = t[T_OWNER]
  if ownerSeqs[owner] == nil then
    ownerSeqs[owner] = call('HGET', OWNER_SEQS, owner) or 0
    ownerSeqs[#ownerSeqs + 1] = owner
  end
  ownerSeqs[owner] = ownerSeqs[owner] + 1
  events[#events + 1] = code .. concat({ t[T_ID], t[T_SEQ], ownerSeqs[owner], owner, t[T_VERSION] }, ' ')
end

local function taskEvent(code, t)
  t[T_SEQ] = int(t[T_SEQ] + 1)
  touchTask(t)
  listEvent(code, t)
end

-- Lower first: priority, then turn.
local function turnScore(lane)
  turn = turn + 1
  return format('%.0f', (10 - match(lane, '^[^|]+')) * 1e13 + turn)
end

-- @include _flush
