-- Flat: definition key's text, hot text (empty while the task is as it was made), id; ids without a record are left out.
local call = redis.call
local function readTasks(ids)
  local answer = {}
  for start = 1, #ids, 1000 do
    local stop, keys = math.min(start + 999, #ids), {}
    for i = start, stop do
      keys[#keys + 1] = DEFINITION .. ids[i]
      keys[#keys + 1] = TASK .. ids[i]
    end
    local texts = call('MGET', unpack(keys))
    for i = start, stop do
      local at = 2 * (i - start) + 1
      if texts[at] then
        local n = #answer
        answer[n + 1], answer[n + 2], answer[n + 3] = texts[at], texts[at + 1] or '', ids[i]
      end
    end
  end
  return answer
end
