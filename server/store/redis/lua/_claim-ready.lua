-- Takes ready runs: highest priority first, owners in turn, oldest first within an owner. It writes by itself, after the
-- step before it is complete, so that a claim that fails leaves a whole finish or fire behind.

-- Runs that an earlier call with this request id got, as far as their leases stand; nil when there was none.
local function claimedBefore(requestId)
  local ids = call('GET', CLAIM .. requestId)
  if not ids then return nil end
  local list, known, standing = {}, false, {}
  for id in string.gmatch(ids, '[^,]+') do list[#list + 1] = id end
  loadRuns(list)
  for i = 1, #list do
    local r = runs[list[i]]
    if r and r[R_TOKEN] == requestId then
      known = true
      if r[R_STATE] == 'r' or r[R_STATE] == 'c' then standing[#standing + 1] = r end
    end
  end
  return known and standing or nil
end

-- Appends up to `need` queued runs to `chosen`, one of each lane in turn. A lane's list is read in pieces; `taken` counts
-- what leaves its front, dead entries included.
local function chooseFrom(level, chosen, need)
  local piece = math.ceil(need / #level)
  local served = 0
  repeat
    local ids, moved = {}, true
    while #ids < need and moved do
      moved = false
      for i = 1, #level do
        local lane = level[i]
        if #ids >= need then break end
        if lane.taken == #lane.ids and lane.more then
          local page = call('LRANGE', QUEUE .. lane.name, #lane.ids, #lane.ids + piece)
          for j = 1, #page do lane.ids[#lane.ids + 1] = page[j] end
          lane.more = #page > piece
        end
        if lane.taken < #lane.ids then
          lane.taken = lane.taken + 1
          served = served + 1
          lane.served = served
          ids[#ids + 1] = lane.ids[lane.taken]
          moved = true
        end
      end
    end
    loadRuns(ids)
    for i = 1, #ids do
      local r = runs[ids[i]]
      if r and r[R_STATE] == 'q' then
        r[R_STATE] = 'r'
        chosen[#chosen + 1] = r
        need = need - 1
      end
    end
  until need == 0 or #ids == 0 or served >= 1000
  return need
end

-- Answers the chosen runs, the calls that take them off their lists, and whether runs are left.
local function chooseReady(limit)
  local chosen, calls, from, need, left = {}, {}, 0, limit, false
  local turns, gone = {}, {}
  repeat
    local page = call('ZRANGE', TURNS, from, from + limit, 'WITHSCORES')
    local at = 1
    while at < #page and need > 0 do
      local priority, level = floor(page[at + 1] / 1e13), {}
      while at < #page and floor(page[at + 1] / 1e13) == priority do
        level[#level + 1] = { name = page[at], ids = {}, taken = 0, more = true, served = 0 }
        at = at + 2
      end
      need = chooseFrom(level, chosen, need)
      -- Who was served last goes last.
      table.sort(level, function(a, b) return a.served < b.served end)
      for i = 1, #level do
        local lane = level[i]
        if #lane.ids == 0 and lane.more then
          left = true
        else
          if lane.taken > 0 then calls[#calls + 1] = { 'LTRIM', QUEUE .. lane.name, lane.taken, -1 } end
          if lane.taken == #lane.ids and not (lane.more and call('LLEN', QUEUE .. lane.name) > lane.taken) then
            gone[#gone + 1] = lane.name
          else
            left = true
            if lane.taken > 0 then put(turns, turnScore(lane.name), lane.name) end
          end
        end
      end
    end
    left = left or at < #page
    from = from + limit + 1
  until need == 0 or #page < 2 * (limit + 1)
  if #turns > 0 then calls[#calls + 1] = { 'ZADD', TURNS, unpack(turns) } end
  if #gone > 0 then calls[#calls + 1] = { 'ZREM', TURNS, unpack(gone) } end
  return chosen, calls, left
end

-- One attempt begins. The fence is beyond every earlier one, even after Redis was set back in time.
local function startAttempt(r, requestId, worker)
  local timeout = match(r[R_FIXED], '^%S+ %S+ (%S+)')
  local fence = r[R_FENCE] + 1
  if fence < now * 1024 then fence = now * 1024 end
  r[R_STATE], r[R_ATTEMPT], r[R_FENCE] = 'r', r[R_ATTEMPT] + 1, format('%.0f', fence)
  r[R_TOKEN], r[R_WORKER], r[R_DEADLINE] = requestId, worker, format('%.0f', now + timeout + 15000)
  r[R_STARTED], r[R_PROGRESS], r[R_SEQ] = nowText, '-', r[R_SEQ] + 1
  if r[R_FIRST] == '-' then r[R_FIRST] = nowText end
end

-- { what the worker needs, eight values a run }, and whether ready runs are left.
local function claimReady(requestId, worker, limit, leaseMs)
  local chosen, calls, left = claimedBefore(requestId), {}, true
  local repeated = chosen ~= nil
  if not repeated then chosen, calls, left = chooseReady(limit) end

  local keys, places, ids = {}, {}, {}
  for i = 1, #chosen do
    local id = taskOf(chosen[i][R_ID])
    if places[id] == nil then
      put(keys, DEFINITION .. id, TASK .. id)
      places[id] = #keys
    end
  end
  local texts = #keys > 0 and call('MGET', unpack(keys)) or {}

  local lines, leases, values, answer, seqs = {}, {}, {}, {}, {}
  for i = 1, #chosen do
    local r = chosen[i]
    local id, taskId = r[R_ID], taskOf(r[R_ID])
    local place = places[taskId]
    if texts[place] then
      if not repeated then
        startAttempt(r, requestId, worker)
        -- Only the task's seq moves here: the rest of its record is not taken apart.
        local seq = seqs[taskId]
        if seq == nil then
          seq = { match(texts[place], '^(%d+)( .*)$') }
          seqs[taskId] = seq
          seqs[#seqs + 1] = taskId
        end
        seq[1] = seq[1] + 1
        local ends = now + leaseMs
        if ends > tonumber(r[R_DEADLINE]) then ends = r[R_DEADLINE] end
        put(leases, ends, id)
        put(values, RUN .. id, runText(r))
        ids[#ids + 1] = id
        lines[#lines + 1] = concat({ 'S', id, seq[1], r[R_SEQ], r[R_ATTEMPT], r[R_FIRST] }, ' ')
      end
      local n = #answer
      answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = id, r[R_ATTEMPT], r[R_FAILURES], r[R_FENCE]
      answer[n + 5], answer[n + 6], answer[n + 7] = r[R_STARTED], r[R_FIRST], r[R_FIXED]
      answer[n + 8] = texts[place - 1]
    end
  end
  if repeated or (#ids == 0 and #calls == 0) then return answer, left end
  for i = 1, #seqs do
    local seq = seqs[seqs[i]]
    put(values, TASK .. seqs[i], seq[1] .. seq[2])
  end

  if #ids > 0 then
    call('SET', CLAIM .. requestId, concat(ids, ','), 'EX', 60)
    call('ZADD', LEASES, unpack(leases))
    call('MSET', unpack(values))
  end
  for i = 1, #calls do call(unpack(calls[i])) end
  writeEvents(lines)
  writeHead()
  return answer, left
end
