-- Takes values and leases away, has nothing filled in their place, and tells all near caches.
--
-- KEYS  the registry; each entry and its fences; version and fences of each guard
-- ARGV  token; expiry of the fences in ms; number of entries; channel; announcement; until when the caller
--       waits, on this server's clock in ms, or 0; a new version for each guard; a rule, or ''
--
-- With a rule, the last guard is one whose changes are told apart by the rule that their writer goes by: a hash, rule ->
-- version, with one of no rule from when it was first asked for. A writer's token then begins with its rule.
--
-- Fences are a sorted set, token by expiry on this server's clock, so that the fence of a writer that died goes even
-- where other writers keep the set alive.
--
-- Returns how many heard the announcement, this server's time in ms, and the registry.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- As in read.lua: a fence that comes late would stand for nobody.
local deadline = tonumber(ARGV[6])
if deadline > 0 and now > deadline then return redis.error_reply('LATE nobody waits any more') end

local entries, rule = tonumber(ARGV[3]), ARGV[#ARGV]
for i = 2, #KEYS, 2 do
  local n = i / 2
  local ruled = rule ~= '' and i == #KEYS - 1
  if n <= entries then
    redis.call('DEL', KEYS[i])
  elseif ruled then
    if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('HSET', KEYS[i], rule, ARGV[6 + n - entries]) end
  else
    -- One that is missing needs no change: what hung on it is invalid already, and the next one is new.
    redis.call('SET', KEYS[i], ARGV[6 + n - entries], 'XX', 'KEEPTTL')
  end
  local fences = KEYS[i + 1]
  redis.call('ZREMRANGEBYSCORE', fences, '-inf', now)
  redis.call('ZADD', fences, now + ARGV[2], (ruled and rule or '') .. ARGV[1])
  if redis.call('PTTL', fences) < tonumber(ARGV[2]) then redis.call('PEXPIRE', fences, ARGV[2]) end
end
local heard = redis.call('PUBLISH', ARGV[4], ARGV[5])
return { heard, tostring(now), redis.call('HGETALL', KEYS[1]) }
