-- Notices that this is another server than before: one that restarted, was promoted, or holds an older copy of the data.
-- What it holds from that time must not be read, and its registry says nothing of who is alive.
--
-- KEYS  the identity; the version of the namespace; the registry
-- ARGV  the server's run id; a new version
--
-- Returns 0 for the same server, 1 for another, 2 where none was known.
local known = redis.call('GET', KEYS[1])
if known == ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'XX', 'KEEPTTL')
redis.call('DEL', KEYS[3])
return known and 1 or 2
