-- The writing half of a step; _step says why in this order.

-- Elements beyond the count in the record were left by a step that stopped half-way: they go.
local function appendVerdicts(t)
  local key, list, known = VERDICTS .. t[T_ID], t[T_PUSH], tonumber(t[T_VERDICTS])
  local long = call('RPUSH', key, unpack(list))
  if long > known + #list then
    call('LTRIM', key, 0, known - 1)
    if known == 0 then call('DEL', key) end
    long = call('RPUSH', key, unpack(list))
  end
  t[T_VERDICTS] = int(long)
  t[T_PUSH] = false
end

local function writeEvents(lines)
  if #lines > 0 then
    call('XADD', EVENTS, 'MAXLEN', '~', EVENTS_KEPT, '*', 'at', nowText, 'e', concat(lines, '\n'))
    logGrew = true
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
      t[T_KEPT] = int(t[T_KEPT] + #t[T_MADE])
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
  for t, fields in pairs(counts) do
    local key = DAYS .. t[T_ID]
    for field, by in pairs(fields) do call('HINCRBY', key, field, int(by)) end
  end
  for i = 1, #ownerOrder do
    local key = OWNER_RUNS .. ownerOrder[i]
    -- Trimmed by the thousand.
    if callMany('LPUSH', key, ownerRuns[ownerOrder[i]]) > OWNER_RUNS_SCANNED + 1000 then
      call('LTRIM', key, 0, OWNER_RUNS_SCANNED - 1)
    end
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

-- To who listens to the partition on any server, on `{<prefix>:0f}:live`: `e`, or a run's progress and lines as JSON.
local function publishLive(text)
  call(PUBLISH, base .. 'live', text)
end

-- Tells loops on any server; hints only. `r|15`, `d|15|<at>`, `c|15|<runId>` on `{<prefix>:0f}:wake`. The last of a step.
local function publish(ready)
  local channel, partition = base .. 'wake', '|' .. tonumber(match(base, '(%x%x)}:$'), 16)
  if ready then call(PUBLISH, channel, 'r' .. partition) end
  if dueWake then call(PUBLISH, channel, 'd' .. partition .. '|' .. format('%.0f', dueWake)) end
  for i = 1, #cancels do call(PUBLISH, channel, 'c' .. partition .. '|' .. cancels[i]) end
  if logGrew then publishLive('e') end
end
