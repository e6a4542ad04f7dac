-- Keeps a key for at least so long.
--
-- item    the key
-- common  the time in ms
return each(function(k) return redis.call('PEXPIRE', KEYS[k + 1], ARGV[COMMON + 1], 'GT') end)
