-- Verdicts in order of plannedAt: fired `123`, caught up `-123`, skipped `S<from>,<to>,<count>,<reason>,<day>`. The newest
-- record stays in the task's own while it is a skip, so that a neighbour can join it without a second write.
-- Reasons: o overlap, b buffer_full, w outside_catch_up_window, l catch_up_limit, c coalesced, n catch_up_off,
-- s schedule_changed, p paused, e ended.
local function pushVerdict(t, text)
  local list = t[T_PUSH]
  if not list then
    list = {}
    t[T_PUSH] = list
  end
  if t[T_TAIL] ~= '-' then
    list[#list + 1] = t[T_TAIL]
    t[T_TAIL] = '-'
  end
  if text then list[#list + 1] = text end
end

local function skipSlots(t, planned, to, number, reason, day)
  local from, before, sameReason, sameDay = match(t[T_TAIL], '^S([^,]+),[^,]+,([^,]+),([^,]+),(.*)$')
  if sameReason == reason and sameDay == day then
    t[T_TAIL] = concat({ 'S' .. from, to, format('%.0f', before + number), reason, day }, ',')
  else
    if from then pushVerdict(t, nil) end
    t[T_TAIL] = concat({ 'S' .. planned, to, number, reason, day }, ',')
  end
  count(t, day .. 'k' .. reason, number)
  t[T_SEQ] = int(t[T_SEQ] + 1)
  events[#events + 1] = 'K' .. concat({ t[T_ID], t[T_SEQ], planned, to, number, reason }, ' ')
end
