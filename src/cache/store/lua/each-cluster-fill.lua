-- Puts a value in the place of a lease that still stands.
--
-- item    the entry; token; prefix; kind (V value, N none, or '' to give the lease back); expiry in ms; the value, or the
--         version of absence
--
-- Answers with 1 where it was stored or given back, else 0.
return each(function(k, a)
  local key, prefix, kind = KEYS[k + 1], ARGV[a + 2], ARGV[a + 3]
  if redis.call('GET', key) ~= 'L' .. prefix .. ARGV[a + 1] then return 0 end
  if kind == '' then
    redis.call('DEL', key)
  else
    redis.call('SET', key, kind .. prefix .. ARGV[a + 5], 'PX', ARGV[a + 4])
  end
  return 1
end)
