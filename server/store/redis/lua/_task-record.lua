-- The definition key's text is four lines: the open segment, how the task was made, its schedule, the rest. As long as nothing
-- has changed since, its hot state is what the second line says, and has no key (170 bytes a task):
-- `createdAt owner fingerprint seq cursorAt nextAt pauseAfterFailures`, cursorAt `=` for just before the segment.
-- From its first change on, a task's hot state is one string of fields parted by single spaces (task-codec.ts reads the same): one GET and one SET
-- a step. `-` stands for null and for an empty list. Lua's match puts the fields straight into a table; the loader turns
-- the names below into their numbers. What the end of a run needs stands first: the rest is taken apart when asked for.
-- live, held: plannedAt of slot-line runs, oldest first, parted by commas. late: what follows `taskId:` in the id of the
-- late line's unended run. asked: unended asked-for runs.
-- @fields T_ SEQ STATE OWNER CLOSING LIVE HELD LATE WAITING FAILURES ENDED LAST_LATE PAUSE_AFTER ASKED
-- rest: the text of what follows, or false once it has been taken apart.
-- @fields T_ REST
-- verdicts: how many elements of the verdict list are true. tail: the newest record while it is a skip, which may grow.
-- kept: length of the history list.
-- @fields T_ VERSION CURSOR NEXT SLOTS EPISODE FOLDED UPDATED VERDICTS TAIL KEPT
-- Not stored: the id, whether it is to be written, waiting runs popped, verdicts and run ids to append, the key's name.
-- @fields T_ ID DIRTY POPPED PUSH MADE KEY
-- The empty captures make room for what is not stored.
local HALF_PATTERN = '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) ()'
  .. '()()()()()()()()()()()()()()()()'
local WHOLE_PATTERN = '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) ()'
  .. '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)()()()()()()$'
local REST_PATTERN = '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$'

-- Of the definition key's text: how the task was made.
local FIRST_PATTERN = '^(%S+)[^\n]*\n(%S+) (%S+) %S+ (%S+) (%S+) (%S+) (%S+)\n'

local function parseTask(id, key, text, whole)
  local t = { match(text, whole and WHOLE_PATTERN or HALF_PATTERN) }
  if t[T_SEQ] == nil then error('DAMAGED task ' .. id) end
  t[T_REST] = not whole and sub(text, t[T_REST])
  t[T_ID], t[T_DIRTY], t[T_POPPED], t[T_PUSH], t[T_MADE], t[T_KEY] = id, false, false, false, false, key
  tasks[id] = t
  return t
end

local function openTask(t)
  if t[T_REST] then
    local rest = { match(t[T_REST], REST_PATTERN) }
    if rest[1] == nil then error('DAMAGED task ' .. t[T_ID]) end
    for i = 1, #rest do t[T_REST + i] = rest[i] end
    t[T_REST] = false
  end
end

-- The record of a task as it was made.
local function firstTask(id, key, definition)
  local from, createdAt, owner, seq, cursor, next, pauseAfter = match(definition, FIRST_PATTERN)
  if from == nil then error('DAMAGED task ' .. id) end
  if cursor == '=' then cursor = format('%.0f', from - 1) end
  local t = {
    seq, 'a', owner, '-', '-', '-', '-', '0', '0', '-', '0', pauseAfter, '0', false,
    '1', cursor, next, '0', '-', '0', createdAt, '0', '-', '0', id, false, false, false, false, key,
  }
  tasks[id] = t
  return t
end

-- Reads what is not read yet; tasks[id] is false when there is none.
local function loadTasks(ids, whole)
  local keys, missing = {}, {}
  for i = 1, #ids do
    local id = ids[i]
    if tasks[id] == nil then
      tasks[id] = false
      missing[#missing + 1] = id
      keys[#keys + 1] = TASK .. id
    end
  end
  if #keys == 0 then return end
  local texts, unchanged, places = call('MGET', unpack(keys)), {}, {}
  for i = 1, #missing do
    if texts[i] then
      parseTask(missing[i], keys[i], texts[i], whole)
    else
      unchanged[#unchanged + 1] = DEFINITION .. missing[i]
      places[#places + 1] = i
    end
  end
  if #unchanged == 0 then return end
  local definitions = call('MGET', unpack(unchanged))
  for i = 1, #unchanged do
    local at = places[i]
    if definitions[i] then firstTask(missing[at], keys[at], definitions[i]) end
  end
end

local function loadTask(id, whole)
  if tasks[id] == nil then loadTasks({ id }, whole) end
  return tasks[id]
end

local function touchTask(t)
  if not t[T_DIRTY] then
    t[T_DIRTY] = true
    dirtyTasks[#dirtyTasks + 1] = t
  end
end

local function taskText(t)
  return concat(t, ' ', 1, T_ASKED) .. ' ' .. (t[T_REST] or concat(t, ' ', T_VERSION, T_KEPT))
end

-- Lists of instants as text.
local function listed(list, item)
  return list == '-' and item or list .. ',' .. item
end

local function unlisted(list, item)
  if list == item then return '-' end
  -- Mostly the oldest.
  local behind = #item + 1
  if sub(list, 1, behind) == item .. ',' then return sub(list, behind + 1) end
  local from, to = find(',' .. list .. ',', ',' .. item .. ',', 1, true)
  if from == nil then return list end
  -- `from` and `to - 2` are the item's first and last place in the list itself; one comma goes with it.
  return sub(list, 1, from - 2) .. sub(list, to - 1)
end

local function length(list)
  if list == '-' then return 0 end
  local _, commas = gsub(list, ',', '')
  return commas + 1
end
