-- A run is one string of four lines (run-codec.ts reads the same): changing fields parted by spaces; fixed ones; ended
-- attempts as JSON parted by tabs, the running one without its end; result and error as JSON parted by a tab. Measured at
-- the burst: a hash instead costs 28 %, JSON taken apart in Lua 18 %. JSON texts come from Node and hold neither tab nor
-- newline. A pattern costs 6 ns a character: what a start and an end ask for or change stands first or last, so that the two
-- (startText, succeed) cut and join the text instead of taking it apart, which saves 2.5 us each.
-- States: h held, q queued, r running, w retry_wait, c cancelling, s succeeded, f failed, t timed_out, x cancelled.
-- until: end of the retry delay (w), the deadline (r, c), or when it ended. rest: `losses,progress,waitedMs`.
-- kind, timeout, late_after, priority, day are fixed. kind is line (s l f), trigger (s m b), verdict (f c -): an on-time slot's
-- run is ssf, a caught-up one's lsc, a manual one's fm-, a backfill's lb-.
-- @fields R_ STATE SEQ UNTIL KIND TIMEOUT LATE_AFTER PRIORITY DAY FIRST ATTEMPT TOKEN FENCE FAILURES QUEUED REST
-- fixed: plannedAt nominalAt createdAt retryOf.
-- @fields R_ FIXED ATTEMPTS OUTCOME
-- Not stored.
-- @fields R_ ID DIRTY KEY
local RUN_PATTERN = '^' .. string.rep('(%S+) ', R_REST - 1) .. '(%S+)\n([^\n]*)\n([^\n]*)\n(.*)()()()$'

local function parseRun(id, key, text)
  local r = { match(text, RUN_PATTERN) }
  if r[R_STATE] == nil then error('DAMAGED run ' .. id) end
  r[R_ID], r[R_DIRTY], r[R_KEY] = id, false, key
  runs[id] = r
  return r
end

-- Records by place; false where there is none.
local function readRuns(ids)
  local keys, texts = {}, {}
  for i = 1, #ids do keys[i] = RUN .. ids[i] end
  for from = 1, #keys, 4000 do
    local to = from + 3999 < #keys and from + 3999 or #keys
    local page = call('MGET', unpack(keys, from, to))
    if from == 1 then
      texts = page
    else
      for i = 1, #page do texts[#texts + 1] = page[i] end
    end
  end
  return texts, keys
end

-- Reads what is not read yet; runs[id] is false when there is none.
local function loadRuns(ids)
  local missing = {}
  for i = 1, #ids do
    local id = ids[i]
    if runs[id] == nil then
      if fresh[id] then
        parseRun(id, RUN .. id, fresh[id])
      else
        runs[id] = false
        missing[#missing + 1] = id
      end
    end
  end
  if #missing == 0 then return end
  local texts, keys = readRuns(missing)
  for i = 1, #missing do
    if texts[i] then parseRun(missing[i], keys[i], texts[i]) end
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
