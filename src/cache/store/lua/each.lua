-- What the scripts begin with that do the same for each of many keys (each-*.lua).
--
-- KEYS  those of the first item, those of the second ...
-- ARGV  until when the caller waits, on this server's clock in ms, or 0; keys of an item; arguments of an item; number of
--       arguments that all have in common; those; then those of the first item, those of the second ...
--
-- "each" calls with the places before the keys and the arguments of an item, and answers with all answers.
local deadline = tonumber(ARGV[1])
if deadline > 0 then
  local time = redis.call('TIME')
  if time[1] * 1000 + math.floor(time[2] / 1000) > deadline then return redis.error_reply('LATE nobody waits any more') end
end

local COMMON = 4

local function each(work)
  local keys, args, first = tonumber(ARGV[2]), tonumber(ARGV[3]), COMMON + tonumber(ARGV[4])
  local answers = {}
  for n = 0, #KEYS / keys - 1 do answers[n + 1] = work(n * keys, first + n * args) end
  return answers
end
