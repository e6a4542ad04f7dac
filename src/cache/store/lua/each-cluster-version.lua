-- The version of a guard, which is kept for longer than what hangs on it.
--
-- item    the version; a rule or '' (as in read.lua)
-- common  how long it is kept at least, in ms
--
-- Answers with the version, or '' where there is none.
return each(function(k, a)
  local key, rule = KEYS[k + 1], ARGV[a + 1]
  redis.call('PEXPIRE', key, ARGV[COMMON + 1], 'GT')
  if rule == '' then return redis.call('GET', key) or '' end
  local all, others = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do
    if all[i] ~= rule then others[#others + 1] = all[i] .. all[i + 1] end
  end
  table.sort(others)
  return table.concat(others)
end)
