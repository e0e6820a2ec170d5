-- listDocuments: by id, ascending.
-- KEYS: partition
-- ARGV: owner kind after limit
--   after: empty from the first.
-- Answers: store time, { id, record per document }
-- Events: none
-- @include _keys
local owner, kind, after, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local place = kind .. ':' .. owner
local from, answer = after == '' and '-' or '(' .. after, {}
repeat
  local ids, keys = redis.call('ZRANGE', DOC_INDEX .. place, from, '+', 'BYLEX', 'LIMIT', 0, limit), {}
  for i = 1, #ids do keys[i] = DOC .. place .. ':' .. ids[i] end
  local texts = #keys > 0 and redis.call('MGET', unpack(keys)) or {}
  for i = 1, #ids do
    local expiry = texts[i] and string.match(texts[i], '^%S+ (%S+)')
    if expiry and (expiry == '-' or tonumber(expiry) > now) and #answer < 2 * limit then
      answer[#answer + 1] = ids[i]
      answer[#answer + 1] = texts[i]
    end
  end
  from = '(' .. (ids[#ids] or '')
until #ids < limit or #answer >= 2 * limit
return { string.format('%.0f', now), answer }
