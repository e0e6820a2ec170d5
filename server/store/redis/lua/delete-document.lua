-- deleteDocument: removes a document, of one version or of any.
-- KEYS: partition
-- ARGV: owner kind id ifVersion
--   ifVersion: empty for any.
-- Answers: epoch, write number, wrote, 1 or 0
-- Events: none
-- @oom allow
-- @include _step
local owner, kind, id, ifVersion = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local place = kind .. ':' .. owner
local key = DOC .. place .. ':' .. id
local present, expiry = match(call('GET', key) or '', '^(%S+) (%S+)\n')
if not present or (expiry ~= '-' and tonumber(expiry) <= now) or (ifVersion ~= '' and ifVersion ~= present) then
  return { epoch, written, wrote, 0 }
end
first[1] = { 'ZREM', DOC_EXPIRY, place .. ' ' .. id }
removed[1] = key
after[1] = { 'ZREM', DOC_INDEX .. place, id }
flush()
return { epoch, written, wrote, 1 }
