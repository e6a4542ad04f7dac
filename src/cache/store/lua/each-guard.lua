-- The version of a guard, made where it is missing, and whether a writer is changing something under it.
--
-- item    its version, its fences; a new version, a rule or '' (as in read.lua)
-- common  expiry of a new version in ms
--
-- Answers with the version and 1 or 0.
return each(function(k, a)
  local version, fences, new, rule = KEYS[k + 1], KEYS[k + 2], ARGV[a + 1], ARGV[a + 2]
  if rule == '' then
    local current = redis.call('GET', version)
    if not current then
      redis.call('SET', version, new, 'PX', ARGV[COMMON + 1])
      current = new
    end
    return { current, redis.call('EXISTS', fences) }
  end
  if redis.call('EXISTS', version) == 0 then
    redis.call('HSET', version, '', new)
    redis.call('PEXPIRE', version, ARGV[COMMON + 1])
  end
  local all, others, fenced = redis.call('HGETALL', version), {}, 0
  for i = 1, #all, 2 do
    if all[i] ~= rule then others[#others + 1] = all[i] .. all[i + 1] end
  end
  table.sort(others)
  for _, token in ipairs(redis.call('ZRANGE', fences, 0, -1)) do
    if string.sub(token, 1, #rule) ~= rule then fenced = 1 end
  end
  return { table.concat(others), fenced }
end)
