-- Nothing else is ready and the claim has room for all that this step makes ready: they start at once, without a way
-- through the queues, and each record is written once instead of twice. Before flush().
local function startMade(claimKey, requestId, worker, leaseMs)
  local answer, started, keys, places = {}, {}, {}, {}
  for i = 1, #readyIds do
    local id, taskId = readyIds[i], taskOf(readyIds[i])
    local r = runs[id]
    -- Made just now, or let go on by what this step changed.
    if (r and r[R_STATE] == 'q') or (r == nil and fresh[id]) then
      started[#started + 1] = id
      if places[taskId] == nil then
        keys[#keys + 1] = DEFINITION .. taskId
        places[taskId] = #keys
      end
    end
  end
  if #started == 0 then return answer end
  local definitions, leaseEnd = call('MGET', unpack(keys)), int(now + leaseMs)
  for i = 1, #started do
    local id = started[i]
    local t, r, place = tasks[taskOf(id)], runs[id], places[taskOf(id)]
    local text, line
    if r then
      text, line = startRun(r, requestId, worker)
      touchRun(r)
    else
      text, line = startText(id, fresh[id], requestId, worker)
      fresh[id] = text
    end
    t[T_SEQ] = int(t[T_SEQ] + 1)
    touchTask(t)
    events[#events + 1] = 'S' .. id .. ' ' .. t[T_SEQ] .. ' ' .. line
    put(leaseAdd, leaseEnd, id)
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3] = id, text, definitions[place]
    definitions[place] = ''
  end
  first[#first + 1] = { 'SET', CLAIM .. claimKey, concat(started, ','), 'EX', 60 }
  lanes, laneOrder = {}, {}
  return answer
end
