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

-- One attempt begins. Answers the record and the end of the line that says so. The fence is beyond every earlier one, even after Redis was set back in time.
local fenceNow = format('%.0f', now * 1024)
local function startRun(r, requestId, worker)
  local fence = fenceNow
  if r[R_FENCE] ~= '0' and r[R_FENCE] + 1 > now * 1024 then fence = format('%.0f', r[R_FENCE] + 1) end
  r[R_STATE], r[R_TOKEN], r[R_FENCE] = 'r', requestId, fence
  r[R_ATTEMPT], r[R_SEQ], r[R_UNTIL] = int(r[R_ATTEMPT] + 1), int(r[R_SEQ] + 1), int(now + r[R_TIMEOUT] + 15000)
  local kept = r[R_ATTEMPTS]
  if tonumber(r[R_ATTEMPT]) > ATTEMPTS_KEPT then kept = gsub(kept, '^[^\t]*\t?', '', 1) end
  r[R_ATTEMPTS] = (kept == '' and '[' or kept .. '\t[') .. r[R_ATTEMPT] .. ',' .. fence .. ',"' .. worker .. '",' .. nowText
  if r[R_FIRST] == '-' then r[R_FIRST] = nowText else setRest(r, 2, '-') end
  return runText(r), r[R_SEQ] .. ' ' .. r[R_ATTEMPT] .. ' ' .. r[R_FIRST]
end

-- A ready run that was never started: its seq, what is fixed, its timeout, and where what a start keeps begins.
local UNSTARTED = '^q (%d+) %- (%S+ (%S+) %S+ %S+ %S+) %- 0 %- 0 0 ()'

-- The same from a record's text; nil when the run is not ready.
local function startText(id, text, requestId, worker)
  local seq, fixed, timeout, keptFrom = match(text, UNSTARTED)
  if seq then
    seq = int(seq + 1)
    return 'r ' .. seq .. ' ' .. int(now + timeout + 15000) .. ' ' .. fixed .. ' ' .. nowText .. ' 1 ' .. requestId .. ' '
      .. fenceNow .. ' 0 ' .. sub(text, keptFrom, -2) .. '[1,' .. fenceNow .. ',"' .. worker .. '",' .. nowText .. '\n',
      seq .. ' 1 ' .. nowText
  end
  if sub(text, 1, 2) ~= 'q ' then return nil end
  return startRun(parseRun(id, RUN .. id, text), requestId, worker)
end
