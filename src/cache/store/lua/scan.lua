-- One step of a walk through all keys.
--
-- ARGV  cursor; pattern; about how many keys to look at
--
-- Returns the next cursor and the keys.
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
