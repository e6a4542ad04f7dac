-- Takes a key away, of whatever kind; answers with 1 where it was there, else 0.
--
-- item    the key
return each(function(k) return redis.call('UNLINK', KEYS[k + 1]) end)
