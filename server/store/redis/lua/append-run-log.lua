-- appendRunLog: log lines and progress of a running attempt.
-- KEYS: partition
-- ARGV: runId token fence progress (line)*
--   progress: empty for unchanged. line: JSON.
-- Answers: epoch, write number, wrote, 1 or 0
-- Events: none
-- @include _step
local runId, token, fence, progress = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local r, key = loadRun(runId), LOG .. runId
if not r or r[R_TOKEN] ~= token or r[R_FENCE] ~= fence or (r[R_STATE] ~= 'r' and r[R_STATE] ~= 'c') then
  return { epoch, written, wrote, 0 }
end
if progress ~= '' then
  setRest(r, 2, progress)
  touchRun(r)
end
-- The list's first element is the size of the others in bytes.
local bytes, lines = tonumber(call('LINDEX', key, 0) or 0), call('LLEN', key)
local old = math.max(lines - 1, 0)
local add, addBytes = {}, 0
for at = 5, #ARGV do
  add[#add + 1] = ARGV[at]
  addBytes = addBytes + #ARGV[at]
end
if #add > 0 then
  -- The oldest go while there are too many lines or bytes.
  local dropped, freed = 0, 0
  local oldest = (old + #add > LOG_LINES_KEPT or bytes + addBytes > LOG_BYTES_KEPT) and call('LRANGE', key, 1, -1) or {}
  while dropped < #oldest and (old - dropped + #add > LOG_LINES_KEPT or bytes - freed + addBytes > LOG_BYTES_KEPT) do
    dropped = dropped + 1
    freed = freed + #oldest[dropped]
  end
  while #add > LOG_LINES_KEPT or addBytes > LOG_BYTES_KEPT do addBytes = addBytes - #table.remove(add, 1) end
  if lines > 0 then first[#first + 1] = { 'LPOP', key, dropped + 1 } end
  if #add > 0 then
    first[#first + 1] = { 'RPUSH', key, unpack(add) }
    first[#first + 1] = { 'LPUSH', key, bytes - freed + addBytes }
  end
end
if #first > 0 or #dirtyRuns > 0 then
  flush()
  publishLive(
    '{"runId":"' .. runId .. '","progress":' .. (progress == '' and 'null' or progress)
      .. ',"lines":[' .. concat(add, ',') .. ']}'
  )
end
return { epoch, written, wrote, 1 }
