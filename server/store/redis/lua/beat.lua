-- beat: announces a live server and reads the live ones.
-- KEYS: servers
-- ARGV: id ttlMs server
--   ttlMs 0: good-bye. server: JSON.
-- Answers: { server JSON of each live one }
-- Events: none
local id, ttlMs, server = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local all, live, gone = redis.call('HGETALL', KEYS[1]), {}, {}
for i = 1, #all, 2 do
  local ends, text = string.match(all[i + 1], '^(%d+) (.*)$')
  if all[i] == id then
    -- Its own entry is written below.
  elseif not ends or tonumber(ends) <= now then
    gone[#gone + 1] = all[i]
  else
    live[#live + 1] = text
  end
end
if ttlMs > 0 then
  redis.call('HSET', KEYS[1], id, string.format('%.0f %s', now + ttlMs, server))
  live[#live + 1] = server
else
  redis.call('HDEL', KEYS[1], id)
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
return live
