-- Takes runs out of a history list, with their logs; answers how many entries go and how many of them were runs. Records
-- go first: an id without one is passed over by readers, and dropped by the next that looks.
local function dropRuns(key, ids, goes)
  local keys, entries, found = {}, 0, 0
  for i = 1, #ids do keys[i] = RUN .. ids[i] end
  local texts = #keys > 0 and call('MGET', unpack(keys)) or {}
  for i = 1, #ids do
    local text = texts[i]
    if not text or goes(text) then
      entries = entries + 1
      if text then found = found + 1 end
      put(removed, keys[i], LOG .. ids[i])
      after[#after + 1] = { 'LREM', key, -1, ids[i] }
    end
  end
  return entries, found
end
