-- One on-time slot: the overlap rule, then its verdict and its run.

local function cancelListed(t, list)
  for planned in string.gmatch(t[list], '[^,-]+') do
    local r = loadRun(t[T_ID] .. ':' .. planned)
    if r then
      cancelOne(r, t)
    else
      t[list] = unlisted(t[list], planned)
    end
  end
end

-- Left from a policy that buffered.
local function freeHeld(t)
  for planned in string.gmatch(t[T_HELD], '[^,-]+') do
    local r = loadRun(t[T_ID] .. ':' .. planned)
    if r and r[R_STATE] == 'h' then
      t[T_LIVE] = listed(t[T_LIVE], planned)
      makeReady(r, t)
      runEvent('Q', r, t)
    end
  end
  t[T_HELD] = '-'
end

-- Answers whether the slot got a run.
local function fireSlot(t, overlap, terms, planned, nominal, day)
  local slot = 'ready'
  if t[T_LIVE] ~= '-' or t[T_HELD] ~= '-' then
    local reason, cancelLive, cancelHeld, release
    slot, reason, cancelLive, cancelHeld, release = resolveOverlap(overlap, length(t[T_LIVE]), length(t[T_HELD]))
    if slot == 'skip' then
      skipSlots(t, planned, format('%.0f', planned + 1), 1, reason, day)
      return false
    end
    if cancelHeld then cancelListed(t, T_HELD) end
    if cancelLive then
      cancelListed(t, T_LIVE)
      if t[T_LIVE] == '-' then slot = 'ready' end
    end
    if release then freeHeld(t) end
  end
  local state = slot == 'ready' and 'q' or 'h'
  local list = slot == 'ready' and T_LIVE or T_HELD
  t[list] = listed(t[list], planned)
  pushVerdict(t, planned)
  count(t, day .. 'f', 1)
  local id = makeRun(t, state, 'ssf', planned, planned, nominal, day, terms, '-')
  announceSlot(t, 'F', id, state)
  return true
end
