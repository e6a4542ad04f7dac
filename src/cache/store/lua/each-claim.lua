-- Takes a right that nobody has, or goes on with one's own.
--
-- item    the key; token; time in ms, 0 to give it back; 1 for one's own, 0 for a new one
--
-- Answers with 1 where it is the caller's now, or was until it was given back; else 0.
return each(function(k, a)
  local key, token, time = KEYS[k + 1], ARGV[a + 1], ARGV[a + 2]
  local holder = redis.call('GET', key)
  if ARGV[a + 3] == '0' then
    if holder then return 0 end
    redis.call('SET', key, token, 'PX', time)
    return 1
  end
  if holder ~= token then return 0 end
  if time == '0' then redis.call('DEL', key) else redis.call('PEXPIRE', key, time) end
  return 1
end)
