-- importTask: put-if-absent of a task as it was elsewhere, without runs and verdicts.
-- KEYS: partition
-- ARGV: taskId owner segment fingerprint definition createdAt state closing failures ended lastLate pauseAfter version cursorAt nextAt slots episode folded updatedAt (closedSegment)*
--   As in create-tasks and _task-record; `-` for null.
-- Answers: epoch, write number, wrote, 1 or 0
-- Events: none
-- @include _step
local taskId, owner, segment, fingerprint, definition = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local createdAt, state, closing, failures, ended = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local lastLate, pauseAfter, version, cursorAt, nextAt = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local slots, episode, folded, updatedAt = ARGV[16], ARGV[17], ARGV[18], ARGV[19]
if loadTask(taskId, true) then return { epoch, written, wrote, 0 } end
local t = {}
t[T_ID], t[T_KEY], t[T_DIRTY], t[T_POPPED], t[T_PUSH], t[T_MADE] = taskId, TASK .. taskId, false, false, false, false
t[T_SEQ], t[T_STATE], t[T_OWNER], t[T_CLOSING] = '0', state, owner, closing
t[T_LIVE], t[T_HELD], t[T_LATE], t[T_WAITING], t[T_ASKED] = '-', '-', '-', 0, 0
t[T_FAILURES], t[T_ENDED], t[T_LAST_LATE], t[T_PAUSE_AFTER] = failures, ended, lastLate, pauseAfter
t[T_REST], t[T_VERSION], t[T_CURSOR], t[T_NEXT], t[T_SLOTS] = false, version, cursorAt, nextAt, slots
t[T_EPISODE], t[T_FOLDED], t[T_UPDATED], t[T_VERDICTS], t[T_TAIL], t[T_KEPT] = episode, folded, updatedAt, 0, '-', 0
tasks[taskId] = t
touchTask(t)
put(sets, DEFINITION .. taskId, segment .. '\n' .. concat({ createdAt, owner, fingerprint, '0', cursorAt, nextAt, pauseAfter }, ' ')
  .. '\n' .. definition)
-- Listed by creation; those of one ms in the order in which they come.
local newest = call('ZRANGE', OWNER_TASKS .. owner, -1, -1, 'WITHSCORES')[2]
local place = math.max(createdAt * 128, newest and newest + 1 or 0)
first[1] = { 'ZADD', OWNER_TASKS .. owner, 'NX', format('%.0f', place), taskId }
first[2] = { 'ZADD', tasksKey(taskId), 0, taskId }
-- What an import that stopped half-way has left.
first[3] = { 'DEL', SEGMENTS .. taskId, VERDICTS .. taskId, HISTORY .. taskId, WAITING .. taskId }
for at = 20, #ARGV do first[#first + 1] = { 'RPUSH', SEGMENTS .. taskId, ARGV[at] } end
if nextAt ~= '-' and (state == 'a' or closing ~= '-') then put(dueSoon, nextAt, taskId) end
flush()
return { epoch, written, wrote, 1 }
