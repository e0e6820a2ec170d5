-- What disagrees about one task: its lists and its runs, its runs and queues, leases and retries, itself and the indexes.
-- Runs that have ended cost a look at their first letter.
local queues = {}

-- The run ids in a ready list that is served, as a set; false when it is longer than is searched.
local function idsInQueue(lane)
  local known = queues[lane]
  if known == nil then
    known = {}
    if call('ZSCORE', TURNS, lane) then
      known = call('LLEN', QUEUE .. lane) <= QUEUE_SEARCHED and known
      local ids = known and call('LRANGE', QUEUE .. lane, 0, -1) or {}
      for i = 1, #ids do known[ids[i]] = true end
    end
    queues[lane] = known
  end
  return known
end

-- Unended runs, oldest first as far as the history has them; how many were looked at; the waiting list as a set; what
-- cannot be read.
local function unendedRuns(t)
  local prefix, ids, keys, seen, waits = t[T_ID] .. ':', {}, {}, {}, {}
  local function add(id)
    if seen[id] then return end
    seen[id] = true
    ids[#ids + 1] = id
    keys[#keys + 1] = RUN .. id
  end
  local history, waiting = call('LRANGE', HISTORY .. t[T_ID], 0, -1), call('LRANGE', WAITING .. t[T_ID], 0, -1)
  for i = #history, 1, -1 do add(history[i]) end
  for planned in string.gmatch(t[T_LIVE] .. ',' .. t[T_HELD], '[^,-]+') do add(prefix .. planned) end
  if t[T_LATE] ~= '-' then add(prefix .. t[T_LATE]) end
  for i = 1, #waiting do
    waits[waiting[i]] = true
    add(prefix .. waiting[i])
  end
  local found, damaged = {}, {}
  for from = 1, #keys, 1000 do
    local to = from + 999 < #keys and from + 999 or #keys
    local texts = call('MGET', unpack(keys, from, to))
    for i = from, to do
      local text = texts[i - from + 1]
      if text and not find(text, '^[sftx] ') then
        if find(text, '^[hqrwc] ') and find(text, RUN_PATTERN) then
          found[#found + 1] = parseRun(ids[i], keys[i], text)
        else
          damaged[#damaged + 1] = ids[i]
        end
      end
    end
  end
  return found, #ids, waits, damaged
end

-- Of two lists, what only the second has (+) and what only the first has (-); empty when they hold the same.
local function difference(text, list)
  local recorded, counted, parts = {}, {}, {}
  for item in string.gmatch(text, '[^,-]+') do recorded[item] = true end
  for i = 1, #list do
    counted[list[i]] = true
    if not recorded[list[i]] then parts[#parts + 1] = '+' .. list[i] end
  end
  for item in string.gmatch(text, '[^,-]+') do
    if not counted[item] then parts[#parts + 1] = '-' .. item end
  end
  return concat(parts, '')
end

local function numberOr(text, other) return tonumber(text) or other end

-- What inspectTask sees. faults: texts `kind what`. live, held, late, waiting: what the runs say, oldest first. unlisted:
-- waiting runs missing from the list of those. leases, queue, retries: runs missing there. next: what the due index should
-- have, or `-`.
-- @fields I_ FAULTS LIVE HELD LATE WAITING ASKED UNLISTED LEASES QUEUE RETRIES DUE OWNED LISTED LOOKED DAMAGED
local function inspectTask(t)
  openTask(t)
  local id, owner = t[T_ID], t[T_OWNER]
  local found, looked, waits, damaged = unendedRuns(t)
  local faults, live, held, late, waiting, asked = {}, {}, {}, {}, {}, 0
  local unlisted, unleased, unqueued, unplanned = {}, {}, {}, {}
  local function fault(kind, what) faults[#faults + 1] = kind .. ' ' .. what end

  for i = 1, #found do
    local r = found[i]
    local state, suffix = r[R_STATE], suffixOf(r[R_ID])
    local kind, planned, priority = r[R_KIND], match(r[R_FIXED], '^%S+'), r[R_PRIORITY]
    local line = sub(kind, 1, 1)
    if sub(kind, 2, 2) ~= 's' then asked = asked + 1 end
    if line == 's' then
      local list = state == 'h' and held or live
      list[#list + 1] = planned
    elseif line == 'l' then
      local list = state == 'h' and waiting or late
      list[#list + 1] = suffix
      if state == 'h' and not waits[suffix] then
        unlisted[#unlisted + 1] = suffix
        fault('run_list', 'waiting +' .. suffix)
      end
    end
    local sign = suffix .. ' ' .. r[R_SEQ]
    if state == 'r' or state == 'c' then
      local score = call('ZSCORE', LEASES, r[R_ID])
      -- A claim may lease beyond the deadline, no renewal does.
      if not score or tonumber(score) > math.max(numberOr(r[R_UNTIL], now), now + LONGEST_LEASE_MS) then
        unleased[#unleased + 1] = r
        fault('lease_entry', sign)
      end
    elseif state == 'w' then
      local score = call('ZSCORE', RETRIES, r[R_ID])
      if not score or tonumber(score) ~= numberOr(r[R_UNTIL], now) then
        unplanned[#unplanned + 1] = r
        fault('retry_entry', sign)
      end
    elseif state == 'q' then
      local queue = idsInQueue(priority .. '|' .. owner)
      if queue and not queue[r[R_ID]] then
        unqueued[#unqueued + 1] = r
        fault('queue_entry', sign)
      end
    end
  end

  local changed = difference(t[T_LIVE], live)
  if changed ~= '' then fault('run_list', 'live ' .. changed) end
  changed = difference(t[T_HELD], held)
  if changed ~= '' then fault('run_list', 'held ' .. changed) end
  local lateRun = late[1] or '-'
  for i = 1, #late do
    if late[i] == t[T_LATE] then lateRun = t[T_LATE] end
  end
  if lateRun ~= t[T_LATE] then fault('run_list', 'late ' .. t[T_LATE] .. ' ' .. lateRun) end
  if tonumber(t[T_WAITING]) ~= #waiting then fault('run_list', 'waiting ' .. #waiting - numberOr(t[T_WAITING], 0)) end
  if tonumber(t[T_ASKED]) ~= asked then fault('run_list', 'asked ' .. asked - numberOr(t[T_ASKED], 0)) end
  local isEnding = sub(t[T_CLOSING], 1, 1) == 'e'
  if #live == 0 and #held > 0 and not isEnding then fault('line_stuck', 'held ' .. held[1]) end
  if #late == 0 and #waiting > 0 and not isEnding then fault('line_stuck', 'waiting ' .. waiting[1]) end

  local due, score = '-', call('ZSCORE', DUE, id)
  if t[T_STATE] == 'a' or t[T_CLOSING] ~= '-' then due = t[T_NEXT] end
  local entry = score and format('%.0f', score) or '-'
  -- A closing leaves an earlier entry where it is: it is looked at as soon as it can be.
  local isEarly = t[T_CLOSING] ~= '-' and score and due ~= '-' and tonumber(score) < tonumber(due)
  if entry ~= due and not isEarly then fault('due_entry', entry .. ' ' .. due) end
  local owned, isListed = call('ZSCORE', OWNER_TASKS .. owner, id), call('ZSCORE', tasksKey(id), id)
  if not owned then fault('index_entry', 'owner') end
  if not isListed then fault('index_entry', 'partition') end

  return {
    faults, live, held, lateRun, waiting, asked, unlisted, unleased, unqueued, unplanned, due, owned, isListed, looked,
    damaged,
  }
end
