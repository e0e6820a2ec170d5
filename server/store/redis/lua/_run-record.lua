-- A run is one string of four lines (run-codec.ts reads the same): changing fields parted by spaces; fixed ones; ended
-- attempts as JSON parted by tabs; result and error as JSON parted by a tab. Measured at the burst: a hash instead costs
-- 28 %, JSON taken apart in Lua 18 %. JSON texts come from Node and hold neither tab nor newline.
-- States: h held, q queued, r running, w retry_wait, c cancelling, s succeeded, f failed, t timed_out, x cancelled.
-- until: end of the retry delay (w), the deadline (r, c), or when it ended. work: `"worker",startedAt` of the running
-- attempt, as its record will have it. rest: `losses,progress,waitedMs`.
-- @fields R_ STATE TOKEN FENCE ATTEMPT FAILURES SEQ FIRST UNTIL WORK QUEUED REST
-- fixed: kind plannedAt timeoutMs lateAfterMs priority day nominalAt createdAt retryOf; kind is three letters: line
-- (s l f), trigger (s m b), verdict (f c -).
-- @fields R_ FIXED ATTEMPTS OUTCOME
-- Not stored.
-- @fields R_ ID DIRTY KEY
local RUN_PATTERN = '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)\n'
  .. '([^\n]*)\n([^\n]*)\n(.*)()()()$'

local function parseRun(id, key, text)
  local r = { match(text, RUN_PATTERN) }
  if r[R_STATE] == nil then error('DAMAGED run ' .. id) end
  r[R_ID], r[R_DIRTY], r[R_KEY] = id, false, key
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
        parseRun(id, RUN .. id, fresh[id])
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
      if text then parseRun(missing[i], keys[i], text) end
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
  return concat(r, ' ', 1, R_REST) .. '\n' .. r[R_FIXED] .. '\n' .. r[R_ATTEMPTS] .. '\n' .. r[R_OUTCOME]
end

local function taskOf(runId)
  return sub(runId, 1, (find(runId, ':', 1, true) or 0) - 1)
end

-- What follows `taskId:`.
local function suffixOf(runId)
  return match(runId, ':(.*)$')
end

-- `rest`: losses 1, progress 2, waitedMs 3.
local function setRest(r, place, value)
  local rest = { match(r[R_REST], '^([^,]+),([^,]+),(.*)$') }
  rest[place] = value
  r[R_REST] = concat(rest, ',')
end

-- One line for the task's topic and the run's; `more` begins with a space.
local function runEvent(code, r, t, more)
  t[T_SEQ] = int(t[T_SEQ] + 1)
  r[R_SEQ] = int(r[R_SEQ] + 1)
  touchTask(t)
  touchRun(r)
  events[#events + 1] = code .. r[R_ID] .. ' ' .. t[T_SEQ] .. ' ' .. r[R_SEQ] .. (more or '')
end
