-- replayTopics: where topics stand, and one page of the log's lines about them, from the newest on.
-- KEYS: partition
-- ARGV: before limit (kind id afterSeq)*
--   before: the entry behind which an earlier page ended, empty for the first one. limit: entries. kind: o owner's list,
--   t task, r run; id: the owner encoded. afterSeq: `-` when no lines are asked for.
-- Answers: epoch, position, { last seq per topic }, entries looked through, where the next page begins or empty,
--   { at, lines about the topics, … } newest entry first
-- Events: none
-- @include _keys
local before, limit = ARGV[1], tonumber(ARGV[2])
local call, match = redis.call, string.match
-- About 1 ms: entries of bursts hold a hundred lines each.
local MOST_OF_PAGE, MOST_LINES, AT_ONCE = 500, 2000, 50

-- A deleted task's topic keeps its seq for a week; the topic of a run that is no longer kept begins at 0 again.
local function lastSeq(kind, id)
  if kind == 'o' then return call('HGET', OWNER_SEQS, id) end
  if kind == 'r' then return match(call('GET', RUN .. id) or '', '^%S+ (%d+)') end
  return match(call('GET', TASK .. id) or '', '^%d+')
    or match(call('GET', DEFINITION .. id) or '', '^[^\n]*\n%S+ %S+ %S+ (%d+)')
    or call('GET', LAST_SEQ .. id)
end

-- Seqs to look behind, by id; `left` topics are not complete yet.
local sought, seqs, left = { o = {}, t = {}, r = {} }, {}, 0
for i = 3, #ARGV, 3 do
  local kind, id, after = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local seq = tonumber(lastSeq(kind, id) or 0)
  seqs[#seqs + 1] = seq
  if after and after < seq then
    sought[kind][id] = after
    left = left + 1
  end
end

-- Whether a line lies behind a topic's seq; `reached` takes the topics that are complete with it.
local function isNews(kind, id, seq, reached)
  local after = sought[kind][id]
  if not after then return false end
  if seq <= after + 1 then reached[#reached + 1] = { kind, id } end
  return seq > after
end

-- The lines of an entry that are asked for. A topic is given up behind the entry with its first line: that entry may hold
-- more of them.
local function pick(text, reached)
  local lines, number = {}, 0
  for line, id, seq, other in string.gmatch(text, '(%u(%S+) (%d+) (%S+)[^\n]*)') do
    number = number + 1
    local colon, hit = string.find(id, ':', 1, true), false
    if colon then
      hit = isNews('t', string.sub(id, 1, colon - 1), tonumber(seq), reached)
      if other ~= '-' and isNews('r', id, tonumber(other), reached) then hit = true end
    else
      hit = isNews('t', id, tonumber(seq), reached)
      local owner = match(line, '^[NUD]%S+ %d+ %d+ (%S+)')
      if owner and isNews('o', owner, tonumber(other), reached) then hit = true end
    end
    if hit then lines[#lines + 1] = line end
  end
  return lines, number
end

local newest = before == '' and call('XREVRANGE', EVENTS, '+', '-', 'COUNT', 1)[1]
local looked, lineCount, found, more = 0, 0, {}, true
if limit > MOST_OF_PAGE then limit = MOST_OF_PAGE end
while left > 0 and more and looked < limit and lineCount < MOST_LINES do
  local count = math.min(AT_ONCE, limit - looked)
  local page = call('XREVRANGE', EVENTS, before == '' and '+' or '(' .. before, '-', 'COUNT', count)
  more = #page == count
  for i = 1, #page do
    local reached = {}
    local lines, number = pick(page[i][2][4], reached)
    before, looked, lineCount = page[i][1], looked + 1, lineCount + number
    if #lines > 0 then
      found[#found + 1] = page[i][2][2]
      found[#found + 1] = table.concat(lines, '\n')
    end
    for k = 1, #reached do
      local kind, id = reached[k][1], reached[k][2]
      if sought[kind][id] then
        sought[kind][id] = nil
        left = left - 1
      end
    end
    if left == 0 or lineCount >= MOST_LINES then break end
  end
end
local epoch = call('HGET', KEYS[1], 'epoch') or ''
return { epoch, newest and newest[1] or '0-0', seqs, looked, left > 0 and more and before or '', found }
