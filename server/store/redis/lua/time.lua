-- time: the store's clock, of the node that holds the meta key.
-- KEYS: meta
-- ARGV: none
-- Answers: seconds, microseconds
-- Events: none
return redis.call('TIME')
