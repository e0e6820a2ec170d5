-- A run is one string of four lines (run-codec.ts reads the same): changing fields parted by spaces; fixed ones; ended
-- attempts as JSON parted by tabs; result and error as JSON parted by a tab. Measured at the burst: a hash instead costs
-- 28 %, JSON taken apart in Lua 18 %. JSON texts come from Node and hold neither tab nor newline.
-- States: h held, q queued, r running, w retry_wait, c cancelling, s succeeded, f failed, t timed_out, x cancelled.
local R_STATE, R_ATTEMPT, R_FAILURES, R_LOSSES, R_FENCE, R_TOKEN, R_WORKER, R_DEADLINE = 1, 2, 3, 4, 5, 6, 7, 8
local R_QUEUED, R_STARTED, R_FIRST, R_ENDED, R_PROGRESS, R_SEQ, R_RETRY, R_WAITED = 9, 10, 11, 12, 13, 14, 15, 16
-- fixed: kind plannedAt timeoutMs lateAfterMs priority day nominalAt createdAt retryOf; kind is three letters: line
-- (s l f), trigger (s m b), verdict (f c -).
local R_FIXED, R_ATTEMPTS, R_OUTCOME = 17, 18, 19
-- Not stored.
local R_ID, R_DIRTY = 20, 21
local RUN_PATTERN = '^' .. string.rep('(%S+) ', 15) .. '(%S+)\n([^\n]*)\n([^\n]*)\n(.*)()()$'

local function parseRun(id, text)
  local r = { match(text, RUN_PATTERN) }
  if r[R_STATE] == nil then error('DAMAGED run ' .. id) end
  r[R_ID], r[R_DIRTY] = id, false
  runs[id] = r
  return r
end

-- Reads what is not read yet; runs[id] is false when there is none.
local function loadRuns(ids)
  local keys, missing = {}, {}
  for i = 1, #ids do
    local id = ids[i]
    if runs[id] == nil then
      if fresh[id] then
        parseRun(id, fresh[id])
      else
        runs[id] = false
        missing[#missing + 1] = id
        keys[#keys + 1] = RUN .. id
      end
    end
  end
  for from = 1, #keys, 4000 do
    local to = from + 3999 < #keys and from + 3999 or #keys
    local texts = call('MGET', unpack(keys, from, to))
    for i = from, to do
      local text = texts[i - from + 1]
      if text then parseRun(missing[i], text) end
    end
  end
end

local function loadRun(id)
  if runs[id] == nil then loadRuns({ id }) end
  return runs[id]
end

local function touchRun(r)
  if not r[R_DIRTY] then
    r[R_DIRTY] = true
    dirtyRuns[#dirtyRuns + 1] = r
  end
end

local function runText(r)
  return concat(r, ' ', 1, R_WAITED) .. '\n' .. concat(r, '\n', R_FIXED, R_OUTCOME)
end

local function taskOf(runId)
  return match(runId, '^[^:]+')
end

-- What follows `taskId:`.
local function suffixOf(runId)
  return match(runId, ':(.*)$')
end

-- One line for the task's topic and the run's.
local function runEvent(code, r, t, more)
  t[T_SEQ] = t[T_SEQ] + 1
  r[R_SEQ] = r[R_SEQ] + 1
  touchTask(t)
  touchRun(r)
  events[#events + 1] = concat({ code, r[R_ID], t[T_SEQ], r[R_SEQ], more }, ' ')
end
