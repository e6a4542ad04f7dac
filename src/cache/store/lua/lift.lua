-- Takes the caller's fences away, and whatever was filled meanwhile: an eviction or a flush may have taken a fence. Where
-- one was gone, near caches may hold the old value again, so they are told once more. With a token that fences nothing
-- this is an invalidation.
--
-- KEYS, ARGV and result as fence.lua has them, but ARGV has no expiry; the result is empty where all fences stood.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entries, rule = tonumber(ARGV[2]), ARGV[#ARGV]
local stood = true
for i = 2, #KEYS, 2 do
  local n = i / 2
  local ruled = rule ~= '' and i == #KEYS - 1
  if n <= entries then
    redis.call('DEL', KEYS[i])
  elseif ruled then
    if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('HSET', KEYS[i], rule, ARGV[4 + n - entries]) end
  else
    redis.call('SET', KEYS[i], ARGV[4 + n - entries], 'XX', 'KEEPTTL')
  end
  local fences = KEYS[i + 1]
  if redis.call('ZREM', fences, (ruled and rule or '') .. ARGV[1]) == 0 then stood = false end
  redis.call('ZREMRANGEBYSCORE', fences, '-inf', now)
  -- Whoever is left may have less time than the one that goes.
  local last = redis.call('ZREVRANGE', fences, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', fences, math.ceil(last[2])) end
end
if stood then return {} end
local heard = redis.call('PUBLISH', ARGV[3], ARGV[4])
return { heard, tostring(now), redis.call('HGETALL', KEYS[1]) }
