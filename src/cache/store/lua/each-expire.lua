-- Gives what is there a new time, whatever kind it is of, unless it is a lease.
--
-- item    the key; the time in ms
--
-- Answers with 1 where it was there, else 0.
return each(function(k, a)
  local key = KEYS[k + 1]
  if redis.call('TYPE', key).ok == 'string' and redis.call('GETRANGE', key, 0, 0) == 'L' then return 0 end
  return redis.call('PEXPIRE', key, ARGV[a + 1])
end)
