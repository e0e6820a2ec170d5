-- What a claim does to one run, and what its worker is told.

-- Runs that an earlier call with this claim key got; the request id is their token, as far as their leases stand; nil when there was none.
local function claimedBefore(claimKey, requestId)
  local ids = call('GET', CLAIM .. claimKey)
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

-- One attempt begins. The fence is beyond every earlier one, even after Redis was set back in time.
local fenceNow = format('%.0f', now * 1024)
local function startAttempt(r, requestId, worker)
  local timeout = match(r[R_FIXED], '^%S+ %S+ (%S+)')
  local fence = fenceNow
  if r[R_FENCE] ~= '0' and r[R_FENCE] + 1 > now * 1024 then fence = format('%.0f', r[R_FENCE] + 1) end
  r[R_STATE], r[R_TOKEN], r[R_FENCE] = 'r', requestId, fence
  r[R_ATTEMPT], r[R_SEQ], r[R_UNTIL] = int(r[R_ATTEMPT] + 1), int(r[R_SEQ] + 1), int(now + timeout + 15000)
  r[R_WORK] = '"' .. worker .. '",' .. nowText
  if r[R_FIRST] == '-' then r[R_FIRST] = nowText else setRest(r, 2, '-') end
end

-- The task's topic has counted it already.
local function startLine(r, taskSeq)
  return 'S' .. r[R_ID] .. ' ' .. taskSeq .. ' ' .. r[R_SEQ] .. ' ' .. r[R_ATTEMPT] .. ' ' .. r[R_FIRST]
end

local function answerRun(answer, r, definition)
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = r[R_ID], r[R_ATTEMPT], r[R_FAILURES], r[R_FENCE]
  answer[n + 5], answer[n + 6], answer[n + 7], answer[n + 8] = r[R_WORK], r[R_FIRST], r[R_FIXED], definition
end
