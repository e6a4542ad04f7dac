-- Notices that a server of the cluster is another than those from before: one that restarted, was promoted, or came new.
-- What it holds may be from another time, so everything is invalid; and the registry may have been on it.
--
-- KEYS  the servers that are known, each by when it was last seen; the version of the namespace; the registry
-- ARGV  the server; a new version; how many are remembered
--
-- Returns 0 for one that is known, 1 for another, 2 where none was known.
local time = redis.call('TIME')
local known = redis.call('ZCARD', KEYS[1])
if redis.call('ZADD', KEYS[1], time[1], ARGV[1]) == 0 then return 0 end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('SET', KEYS[2], ARGV[2], 'XX', 'KEEPTTL')
redis.call('DEL', KEYS[3])
return known == 0 and 2 or 1
