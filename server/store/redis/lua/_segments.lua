-- A segment's line is `from to maxSlots spreadMs zoneData calendarData schedule`; beside the definition, `=` stands for the
-- definition's own schedule. Answers the line with the schedule written out.
local function wholeSegment(line, schedule)
  if string.sub(line, -2) == ' =' then return string.sub(line, 1, -2) .. schedule end
  return line
end
