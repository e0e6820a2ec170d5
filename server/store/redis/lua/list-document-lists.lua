-- listDocumentLists: one page of the names of all lists of documents; some may come twice.
-- KEYS: partition
-- ARGV: cursor
-- Answers: next cursor, 0 at the end; { `kind:owner` of each }
-- Events: none
-- @include _keys
local cursor = ARGV[1]
-- No list of owners is kept: all names of the server are passed by, 1,000 in 0.1 ms. In a cluster the hash tag in the
-- pattern keeps newer versions to the slot.
local page = redis.call('SCAN', cursor, 'MATCH', DOC_INDEX .. '*', 'COUNT', 1000)
local names = {}
for i = 1, #page[2] do names[i] = string.sub(page[2][i], #DOC_INDEX + 1) end
return { page[1], names }
