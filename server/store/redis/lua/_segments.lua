-- A segment's line is `from to maxSlots spreadMs zoneData calendarData schedule`; beside the definition, `=` stands for the
-- definition's own schedule, and `from to zoneData` for `from to - 0 zoneData - =`. Answers the line with the schedule
-- written out.
local function wholeSegment(line, schedule)
  local instants, zone = string.match(line, '^(%S+ %S+ )(%S+)$')
  if instants then return instants .. '- 0 ' .. zone .. ' - ' .. schedule end
  if string.sub(line, -2) == ' =' then return string.sub(line, 1, -2) .. schedule end
  return line
end
