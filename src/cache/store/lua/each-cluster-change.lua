-- One step of a writer on one key: what fence.lua and lift.lua do in one. The steps on one slot run together, in their order,
-- but where the slot is on its way to another server.
--
-- item    the key; the step: D deletes an entry, V changes a version, R that of a rule (as in fence.lua), F sets a fence,
--         U takes it away; a version, or the fence; a rule
-- common  expiry of a fence in ms
--
-- Answers with 1, but with 0 where a fence that was to be taken away was not there.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expiry = ARGV[COMMON + 1]

local function unfence(key, fence)
  local stood = redis.call('ZREM', key, fence)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  -- Whoever is left may have less time than the one that goes.
  local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', key, math.ceil(last[2])) end
  return stood
end

return each(function(k, a)
  local key, step, value = KEYS[k + 1], ARGV[a + 1], ARGV[a + 2]
  if step == 'U' then return unfence(key, value) end
  if step == 'D' then
    redis.call('DEL', key)
  elseif step == 'V' then
    redis.call('SET', key, value, 'XX', 'KEEPTTL')
  elseif step == 'R' then
    if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, ARGV[a + 3], value) end
  else
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    redis.call('ZADD', key, now + expiry, value)
    if redis.call('PTTL', key) < tonumber(expiry) then redis.call('PEXPIRE', key, expiry) end
  end
  return 1
end)
