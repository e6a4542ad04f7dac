-- Puts a value in a place, or takes away what is there.
--
-- item    the key; what must be there (the beginning), or '' for anything and nothing; V and the name of the put, '' to take
--         away; expiry in ms; the value
--
-- Answers with 1 where it was done, else 0.
return each(function(k, a)
  local key, over = KEYS[k + 1], ARGV[a + 1]
  if over ~= '' then
    local there = redis.call('GETRANGE', key, 0, #over - 1)
    if there ~= over then return 0 end
  end
  if ARGV[a + 2] == '' then
    redis.call('UNLINK', key)
  else
    redis.call('SET', key, ARGV[a + 2] .. ARGV[a + 4], 'PX', ARGV[a + 3])
  end
  return 1
end)
