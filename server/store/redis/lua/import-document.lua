-- importDocument: a document as it was elsewhere, whatever is there.
-- KEYS: partition
-- ARGV: owner kind id version expiresAt value
--   As in put-document.
-- Answers: epoch, write number, wrote
-- Events: none
-- @include _step
local owner, kind, id, version, expiresAt, value = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local place = kind .. ':' .. owner
local key = DOC .. place .. ':' .. id
if expiresAt ~= '-' and tonumber(expiresAt) <= now then return { epoch, written, wrote } end
first[1] = { 'ZADD', DOC_INDEX .. place, 0, id }
put(sets, key, version .. ' ' .. expiresAt .. '\n' .. value)
if expiresAt ~= '-' then
  after[1] = { 'ZADD', DOC_EXPIRY, expiresAt, place .. ' ' .. id }
  after[2] = { 'PEXPIREAT', key, expiresAt }
end
flush()
return { epoch, written, wrote }
