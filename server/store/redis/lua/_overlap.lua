-- server/store/overlap.ts in Lua; one set of vectors proves them equal.
-- Answers ready, hold or skip; the reason letter; whether to cancel live ones, cancel held ones, release held ones.
local function resolveOverlap(policy, live, held)
  if policy == 'allow_all' then
    if live + held < OVERLAP_LIMIT then return 'ready', nil, false, false, held > 0 end
    return 'skip', 'b'
  elseif policy == 'cancel_other' then
    return live == 0 and 'ready' or 'hold', nil, live > 0, held > 0, false
  elseif live + held == 0 then
    return 'ready'
  elseif policy == 'buffer_one' then
    if held == 0 then return 'hold' end
    return 'skip', 'b'
  elseif policy == 'buffer_all' then
    if held < OVERLAP_LIMIT then return 'hold' end
    return 'skip', 'b'
  end
  return 'skip', 'o'
end
