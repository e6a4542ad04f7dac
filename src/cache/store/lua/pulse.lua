-- Enters a process in the registry, and sends its heartbeat through the channel of the announcements.
--
-- KEYS  the registry: a hash of process -> S (strict near cache) or - (none), and until when, on this server's clock;
--       "born" -> since when it exists; "up" -> since when processes have been heard without a gap; "last" -> when the
--       last one was
-- ARGV  process; S or -; how long it is entered for, in ms; channel; heartbeat, or ''; the longest gap in ms; 1 where it
--       is known that nobody else can have been here before; how long a silent registry is kept, in ms
--
-- Returns this server's time, "up", and the names of the processes that are alive.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local registry = KEYS[1]
local born = redis.call('HGET', registry, 'born')
if not born then redis.call('HSET', registry, 'born', now) end
local last = redis.call('HGET', registry, 'last')
local up = redis.call('HGET', registry, 'up')
if not last or not up or now - last > tonumber(ARGV[6]) then
  up = (not born and ARGV[7] == '1') and 0 or now
  redis.call('HSET', registry, 'up', up)
end
redis.call('HSET', registry, 'last', now, ARGV[1], ARGV[2] .. (now + ARGV[3]))
redis.call('PEXPIRE', registry, ARGV[8])

local alive = {}
local all = redis.call('HGETALL', registry)
for i = 1, #all, 2 do
  local name = all[i]
  if name ~= 'born' and name ~= 'up' and name ~= 'last' then
    if tonumber(string.sub(all[i + 1], 2)) > now then
      alive[#alive + 1] = name
    else
      redis.call('HDEL', registry, name)
    end
  end
end
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return { tostring(now), tostring(up), alive }
