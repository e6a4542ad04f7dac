-- What is in a place, and where asked to, a lease where nothing is.
--
-- item    the key
-- common  token, or '' for no lease; lease in ms
--
-- Answers with the value and how much longer it is kept in ms; L (leased to the caller), B (to another) or N (nothing).
local token = ARGV[COMMON + 1]
return each(function(k)
  local key = KEYS[k + 1]
  local there = redis.call('GET', key)
  if there then
    if string.byte(there) == 86 then return { there, redis.call('PTTL', key) } end
    return 'B'
  end
  if token == '' then return 'N' end
  redis.call('SET', key, 'L' .. token, 'PX', ARGV[COMMON + 2])
  return 'L'
end)
