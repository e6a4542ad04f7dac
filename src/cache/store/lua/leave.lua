-- Takes a process that has ended everything out of the registry; with the last one goes the registry, so that the next to
-- come knows that nobody was here.
--
-- KEYS  the registry
-- ARGV  process
redis.call('HDEL', KEYS[1], ARGV[1])
local all = redis.call('HKEYS', KEYS[1])
for i = 1, #all do
  if all[i] ~= 'born' and all[i] ~= 'up' and all[i] ~= 'last' then return 0 end
end
redis.call('DEL', KEYS[1])
return 1
