-- putDocument: writes when the present version is the one expected.
-- KEYS: partition
-- ARGV: owner kind id ifVersion expiresAt value
--   expiresAt: `-` for never. The record is `version expiresAt`, newline, value.
-- Answers: epoch, write number, wrote, new version or 0
-- Events: none
-- @include _step
local owner, kind, id, ifVersion, expiresAt, value = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local place = kind .. ':' .. owner
local key = DOC .. place .. ':' .. id
local present, expiry = match(call('GET', key) or '', '^(%S+) (%S+)\n')
if expiry and expiry ~= '-' and tonumber(expiry) <= now then present = nil end
if tonumber(present or 0) ~= ifVersion then return { epoch, written, wrote, 0 } end
local member = place .. ' ' .. id
local version = format('%.0f', ifVersion + 1)
-- Some of what expired leaves its index; no step pays for more than ten.
local expired = call('ZRANGE', DOC_EXPIRY, '-inf', nowText, 'BYSCORE', 'LIMIT', 0, 10)
first[1] = { 'ZADD', DOC_INDEX .. place, 0, id }
for i = 1, #expired do
  if expired[i] ~= member then
    local where, what = match(expired[i], '^(%S+) (.*)$')
    after[#after + 1] = { 'ZREM', DOC_INDEX .. where, what }
    after[#after + 1] = { 'ZREM', DOC_EXPIRY, expired[i] }
    removed[#removed + 1] = DOC .. where .. ':' .. what
  end
end
put(sets, key, version .. ' ' .. expiresAt .. '\n' .. value)
if expiresAt == '-' then
  after[#after + 1] = { 'ZREM', DOC_EXPIRY, member }
else
  after[#after + 1] = { 'ZADD', DOC_EXPIRY, expiresAt, member }
  after[#after + 1] = { 'PEXPIREAT', key, expiresAt }
end
flush()
return { epoch, written, wrote, version }
