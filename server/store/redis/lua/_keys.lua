-- Key names inside one partition: the table KEY_NAMES of keys.ts, and a test holds the two equal.
-- KEYS[1] is the partition's own key, `{zd:0f}:p`; every other key differs in what follows the tag, so it is in its slot.
local base = string.sub(KEYS[1], 1, -2)
local TURNS = base .. 't'
local TASKS = base .. 'A:'
local DUE = base .. 'd'
local LEASES = base .. 'l'
local RETRIES = base .. 'y'
local EVENTS = base .. 'e'
local OWNER_SEQS = base .. 's'
local DOC_EXPIRY = base .. 'x'
local TASK = base .. 'T:'
local DEFINITION = base .. 'D:'
local SEGMENTS = base .. 'G:'
local VERDICTS = base .. 'V:'
local DAYS = base .. 'C:'
local HISTORY = base .. 'H:'
local WAITING = base .. 'W:'
local LAST_SEQ = base .. 'Z:'
local RUN = base .. 'R:'
local LOG = base .. 'L:'
local QUEUE = base .. 'Q:'
local OWNER_TASKS = base .. 'O:'
local OWNER_RUNS = base .. 'P:'
local CLAIM = base .. 'X:'
local DOC = base .. 'K:'
local DOC_INDEX = base .. 'I:'

-- The list of the partition's tasks that has this one. Eight groups of the second character, in the order of bytes.
local function tasksKey(taskId)
  local place = string.find('234567abcdefghijklmnopqrstuvwxyz', string.sub(taskId, 4, 4), 1, true) or 1
  return TASKS .. string.sub(taskId, 3, 3) .. math.floor((place - 1) / 4)
end
