-- How long a key is kept in ms; -1 for ever, -2 where it is not there.
--
-- item    the key
return each(function(k) return redis.call('PTTL', KEYS[k + 1]) end)
