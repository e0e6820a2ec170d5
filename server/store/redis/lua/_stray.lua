-- Whether an index entry points at nothing. Letters: d due, t task, o owner (of a task without its record), l lease (of a
-- run that is not running), y retry (of a run that does not wait).
local function isStray(letter, id, text)
  if letter == 'l' then return not text or not string.find(text, '^[rc] ') end
  if letter == 'y' then return not text or not string.find(text, '^w ') end
  return not text
end
