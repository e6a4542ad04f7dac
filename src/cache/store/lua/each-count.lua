-- Adds to a whole number.
--
-- item    the key; what to add; expiry in ms where it has none yet, or ''
--
-- Answers with the sum as text: Redis counts further than a double does.
return each(function(k, a)
  local key = KEYS[k + 1]
  redis.call('INCRBY', key, ARGV[a + 1])
  if ARGV[a + 2] ~= '' then redis.call('PEXPIRE', key, ARGV[a + 2], 'NX') end
  return redis.call('GET', key)
end)
