-- A task's hot state is one string of fields parted by single spaces (task-codec.ts reads the same): one GET and one SET
-- a step. `-` stands for null and for an empty list. Lua's match gives the fields straight into a table.
local T_SEQ, T_VERSION, T_STATE, T_OWNER, T_CURSOR, T_NEXT, T_SLOTS, T_EPISODE, T_CLOSING = 1, 2, 3, 4, 5, 6, 7, 8, 9
-- live, held: plannedAt of slot-line runs, oldest first, parted by commas. late: what follows `taskId:` in the id of the
-- late line's unended run.
local T_LIVE, T_HELD, T_LATE, T_WAITING, T_FAILURES, T_ENDED, T_LAST_LATE, T_PAUSE_AFTER = 10, 11, 12, 13, 14, 15, 16, 17
-- verdicts: how many elements of the verdict list are true. tail: the newest record while it is a skip, which may grow.
-- asked: unended asked-for runs. kept: length of the history list.
local T_FOLDED, T_UPDATED, T_VERDICTS, T_TAIL, T_ASKED, T_KEPT = 18, 19, 20, 21, 22, 23
local TASK_FIELDS = 23
-- Not stored: the id, whether it is to be written, waiting runs popped, verdicts and run ids to append.
local T_ID, T_DIRTY, T_POPPED, T_PUSH, T_MADE = 24, 25, 26, 27, 28
local TASK_PATTERN = '^' .. string.rep('(%S+) ', TASK_FIELDS - 1) .. '(%S+)()()()()()$'

local function parseTask(id, text)
  local t = { match(text, TASK_PATTERN) }
  if t[T_SEQ] == nil then error('DAMAGED task ' .. id) end
  t[T_ID], t[T_DIRTY], t[T_POPPED], t[T_PUSH], t[T_MADE] = id, false, false, false, false
  tasks[id] = t
  return t
end

-- Reads what is not read yet; tasks[id] is false when there is none.
local function loadTasks(ids)
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
  local texts = call('MGET', unpack(keys))
  for i = 1, #missing do
    if texts[i] then parseTask(missing[i], texts[i]) end
  end
end

local function loadTask(id)
  if tasks[id] == nil then loadTasks({ id }) end
  return tasks[id]
end

local function touchTask(t)
  if not t[T_DIRTY] then
    t[T_DIRTY] = true
    dirtyTasks[#dirtyTasks + 1] = t
  end
end

local function taskText(t)
  return concat(t, ' ', 1, TASK_FIELDS)
end

-- Lists of instants as text.
local function listed(list, item)
  return list == '-' and item or list .. ',' .. item
end

local function unlisted(list, item)
  if list == item then return '-' end
  local from, to = find(',' .. list .. ',', ',' .. item .. ',', 1, true)
  if from == nil then return list end
  -- `from` and `to - 2` are the item's first and last place in the list itself; one comma goes with it.
  if from == 1 then return sub(list, to) end
  return sub(list, 1, from - 2) .. sub(list, to - 1)
end

local function length(list)
  if list == '-' then return 0 end
  local _, commas = gsub(list, ',', '')
  return commas + 1
end
