-- Tells all near caches of a change that has been made.
--
-- KEYS  the registry
-- ARGV  channel; announcement
--
-- Returns as fence.lua does.
local heard = redis.call('PUBLISH', ARGV[1], ARGV[2])
local time = redis.call('TIME')
return { heard, tostring(time[1] * 1000 + math.floor(time[2] / 1000)), redis.call('HGETALL', KEYS[1]) }
