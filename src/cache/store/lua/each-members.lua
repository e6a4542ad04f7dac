-- Adds to a set, takes away from it, or lists it.
--
-- item    the key
-- common  SADD, SREM or SMEMBERS; expiry in ms where it has none yet, or ''; the members
return each(function(k)
  local key, command = KEYS[k + 1], ARGV[COMMON + 1]
  if command == 'SMEMBERS' then return redis.call('SMEMBERS', key) end
  local changed, last = 0, COMMON + tonumber(ARGV[4])
  -- Some thousand at a time: more do not fit on Lua's stack.
  for first = COMMON + 3, last, 4000 do
    changed = changed + redis.call(command, key, unpack(ARGV, first, math.min(first + 3999, last)))
  end
  if ARGV[COMMON + 2] ~= '' then redis.call('PEXPIRE', key, ARGV[COMMON + 2], 'NX') end
  return changed
end)
