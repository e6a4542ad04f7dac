-- Puts a lease in the place of a value that turned out invalid, while it is that one.
--
-- item    the key; what the value begins with
-- common  token; lease in ms
--
-- Answers as each-look.lua does.
return each(function(k, a)
  local key, seen = KEYS[k + 1], ARGV[a + 1]
  local there = redis.call('GET', key)
  if there and string.sub(there, 1, #seen) ~= seen then
    if string.byte(there) == 86 then return { there, redis.call('PTTL', key) } end
    return 'B'
  end
  redis.call('SET', key, 'L' .. ARGV[COMMON + 1], 'PX', ARGV[COMMON + 2])
  return 'L'
end)
