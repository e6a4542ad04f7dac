-- How the server is: its memory, what it evicted and expired, and how many keys there are.
--
-- ARGV  none
--
-- Returns the texts of INFO memory and INFO stats, and the number of keys.
return { redis.call('INFO', 'memory'), redis.call('INFO', 'stats'), redis.call('DBSIZE') }
