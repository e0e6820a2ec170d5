-- @include _start-attempt
-- Takes ready runs: highest priority first, owners in turn, oldest first within an owner. It writes by itself, after the
-- step before it is complete, so that a claim that fails leaves a whole finish or fire behind.

-- A lane is the list of one owner's ready runs of one priority: its key's name, what was read of it, how many of those are
-- taken (dead entries included), whether there may be more behind, and when it was served last in this call.
-- @fields L_ NAME IDS TAKEN MORE SERVED
-- The runs taken, by place: ids, keys, records with the attempt begun, ends of their event lines; and which ids they are.
-- @fields C_ IDS KEYS TEXTS LINES

-- Takes up to `need` ready runs, one of each lane in turn. Lists are read in pieces.
local function chooseFrom(level, need, chosen, requestId, worker)
  local piece, served, most = math.ceil(need / #level), 0, need + 1000
  repeat
    local ids, moved = {}, true
    while #ids < need and moved do
      moved = false
      for i = 1, #level do
        local lane = level[i]
        if #ids >= need then break end
        local known = lane[L_IDS]
        if lane[L_TAKEN] == #known and lane[L_MORE] then
          local page = call('LRANGE', QUEUE .. lane[L_NAME], int(#known), int(#known + piece))
          lane[L_MORE] = #page > piece
          if #known == 0 then
            known = page
            lane[L_IDS] = page
          else
            for j = 1, #page do known[#known + 1] = page[j] end
          end
        end
        local taken = lane[L_TAKEN] + 1
        if taken <= #known then
          served = served + 1
          lane[L_TAKEN], lane[L_SERVED] = taken, served
          ids[#ids + 1] = known[taken]
          moved = true
        end
      end
    end
    local texts, keys = readRuns(ids)
    for i = 1, #ids do
      local id = ids[i]
      local started, line
      if texts[i] and not chosen[id] then started, line = startText(id, texts[i], requestId, worker) end
      if started then
        local n = #chosen[C_IDS] + 1
        chosen[C_IDS][n], chosen[C_KEYS][n], chosen[C_TEXTS][n], chosen[C_LINES][n] = id, keys[i], started, line
        chosen[id] = true
        need = need - 1
      end
    end
  until need == 0 or #ids == 0 or served >= most
  return need
end

-- Answers list key, number pairs to take off; turns to set; lanes that are empty; whether runs are left.
local function chooseReady(limit, chosen, requestId, worker)
  local trims, turns, gone = {}, {}, {}
  local from, need, left = 0, limit, false
  repeat
    local page = call('ZRANGE', TURNS, int(from), int(from + limit), 'WITHSCORES')
    local at = 1
    while at < #page and need > 0 do
      local priority, level = floor(page[at + 1] / 1e13), {}
      while at < #page and floor(page[at + 1] / 1e13) == priority do
        level[#level + 1] = { page[at], {}, 0, true, 0 }
        at = at + 2
      end
      need = chooseFrom(level, need, chosen, requestId, worker)
      -- Who was served last goes last.
      table.sort(level, function(a, b) return a[L_SERVED] < b[L_SERVED] end)
      for i = 1, #level do
        local lane = level[i]
        local name, taken, known = lane[L_NAME], lane[L_TAKEN], #lane[L_IDS]
        if known == 0 and lane[L_MORE] then
          left = true
        else
          if taken > 0 then put(trims, QUEUE .. name, int(taken)) end
          if taken == known and not (lane[L_MORE] and call('LLEN', QUEUE .. name) > taken) then
            gone[#gone + 1] = name
          else
            left = true
            if taken > 0 then
              turn = turn + 1
              put(turns, int(priority * 1e13 + turn), name)
            end
          end
        end
      end
    end
    left = left or at < #page
    from = from + limit + 1
  until need == 0 or #page < 2 * (limit + 1)
  return trims, turns, gone, left
end

-- { what the worker needs, three values a run }, and whether ready runs are left. The definition stands with the first run of
-- each task, and is empty with the others.
local function claimReady(claimKey, requestId, worker, limit, leaseMs)
  local before, ids, runKeys, texts, lines = claimedBefore(claimKey, requestId), {}, {}, {}, {}
  local trims, turns, gone, left = {}, {}, {}, true
  if before then
    for i = 1, #before do ids[i], texts[i] = before[i][R_ID], runText(before[i]) end
  else
    trims, turns, gone, left = chooseReady(limit, { ids, runKeys, texts, lines }, requestId, worker)
  end

  local keys, places, taskIds = {}, {}, {}
  for i = 1, #ids do
    local id = taskOf(ids[i])
    taskIds[i] = id
    if places[id] == nil then
      put(keys, DEFINITION .. id, TASK .. id)
      places[id] = #keys
    end
  end
  local records = #keys > 0 and call('MGET', unpack(keys)) or {}

  local leaseEnd = int(now + leaseMs)
  local leases, values, answer, events, claimed, seqs = {}, {}, {}, {}, {}, {}
  for i = 1, #ids do
    local id, text, place = ids[i], texts[i], places[taskIds[i]]
    if records[place] then
      if not before then
        -- Only the task's seq moves here: the rest of its record is not taken apart.
        local seq = seqs[place]
        if seq == nil then
          local space = find(records[place], ' ', 1, true)
          seq = { sub(records[place], 1, space - 1), sub(records[place], space) }
          seqs[place] = seq
        end
        seq[1] = int(seq[1] + 1)
        put(leases, leaseEnd, id)
        put(values, runKeys[i], text)
        claimed[#claimed + 1] = id
        events[#events + 1] = 'S' .. id .. ' ' .. seq[1] .. ' ' .. lines[i]
      end
      local n = #answer
      answer[n + 1], answer[n + 2], answer[n + 3] = id, text, records[place - 1]
      records[place - 1] = ''
    end
  end
  if before or (#trims == 0 and #gone == 0) then return answer, left end
  for place, seq in pairs(seqs) do put(values, keys[place], seq[1] .. seq[2]) end

  if #claimed > 0 then
    call('SET', CLAIM .. claimKey, concat(claimed, ','), 'EX', '60')
    call('ZADD', LEASES, unpack(leases))
    call('MSET', unpack(values))
  end
  for i = 1, #trims, 2 do call('LTRIM', trims[i], trims[i + 1], '-1') end
  if #turns > 0 then call('ZADD', TURNS, unpack(turns)) end
  if #gone > 0 then call('ZREM', TURNS, unpack(gone)) end
  writeEvents(events)
  writeHead()
  return answer, left
end
