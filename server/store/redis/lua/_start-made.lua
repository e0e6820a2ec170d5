-- Nothing else is ready and the claim has room for all that this step makes ready: they start at once, without a way
-- through the queues, and each record is written once instead of twice. Before flush().
local function startMade(claimKey, requestId, worker, leaseMs)
  local answer, started, keys, places = {}, {}, {}, {}
  for i = 1, #readyIds do
    local r = loadRun(readyIds[i])
    if r and r[R_STATE] == 'q' then
      local taskId = taskOf(r[R_ID])
      started[#started + 1] = r
      if places[taskId] == nil then
        keys[#keys + 1] = DEFINITION .. taskId
        places[taskId] = #keys
      end
    end
  end
  if #started == 0 then return answer end
  local definitions, ids, leaseEnd = call('MGET', unpack(keys)), {}, int(now + leaseMs)
  for i = 1, #started do
    local r = started[i]
    local t = tasks[taskOf(r[R_ID])]
    startAttempt(r, requestId, worker)
    t[T_SEQ] = int(t[T_SEQ] + 1)
    touchTask(t)
    touchRun(r)
    events[#events + 1] = startLine(r, t[T_SEQ])
    put(leaseAdd, leaseEnd, r[R_ID])
    ids[i] = r[R_ID]
    answerRun(answer, r, definitions[places[t[T_ID]]])
  end
  first[#first + 1] = { 'SET', CLAIM .. claimKey, concat(ids, ','), 'EX', 60 }
  lanes, laneOrder = {}, {}
  return answer
end
