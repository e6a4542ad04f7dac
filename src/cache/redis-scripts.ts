import { createHash } from 'node:crypto';

/** A Lua script and the name under which Redis keeps it. */
export interface RedisScript {
  readonly source: string;
  readonly sha1: string;
}

function script(source: string): RedisScript {
  return Object.freeze({ source, sha1: createHash('sha1').update(source).digest('hex') });
}

/**
 * An entry in Redis is one string: a letter, the guard (32 characters: namespace epoch, model epoch), and then, after
 * `V`, the value; after `L`, the token of the reader that holds the lease.
 */
export const GUARD_LENGTH = 32;

/**
 * KEYS: namespace epoch, model epoch, model fences, then (entry, fences) for each key.
 * ARGV: token, lease in ms, a new epoch for each of the two that may be missing.
 * Returns the guard, then for each key its entry, or F (fenced), B (busy), L (lease given).
 */
export const READ = script(`
local ns = redis.call('GET', KEYS[1])
if not ns then ns = ARGV[3]; redis.call('SET', KEYS[1], ns) end
local model = redis.call('GET', KEYS[2])
if not model then model = ARGV[4]; redis.call('SET', KEYS[2], model) end
local guard = ns .. model
local reply = { guard }
local modelFenced = redis.call('EXISTS', KEYS[3]) == 1
for i = 4, #KEYS, 2 do
  local answer
  if modelFenced or redis.call('EXISTS', KEYS[i + 1]) == 1 then
    answer = 'F'
  else
    local entry = redis.call('GET', KEYS[i])
    if entry and string.sub(entry, 2, 33) == guard then
      answer = string.byte(entry) == 86 and entry or 'B'
    else
      redis.call('SET', KEYS[i], 'L' .. guard .. ARGV[1], 'PX', ARGV[2])
      answer = 'L'
    end
  end
  reply[#reply + 1] = answer
end
return reply
`);

/**
 * KEYS: namespace epoch, model epoch, then the entry of each fill.
 * ARGV: for each fill its guard, token, TTL in ms ('' gives the lease back), value.
 * Returns how many were stored or given back.
 */
export const FILL = script(`
local guard = (redis.call('GET', KEYS[1]) or '') .. (redis.call('GET', KEYS[2]) or '')
local stored = 0
for i = 3, #KEYS do
  local a = (i - 3) * 4
  if ARGV[a + 1] == guard and redis.call('GET', KEYS[i]) == 'L' .. guard .. ARGV[a + 2] then
    if ARGV[a + 3] == '' then
      redis.call('DEL', KEYS[i])
    else
      redis.call('SET', KEYS[i], 'V' .. guard .. ARGV[a + 4], 'PX', ARGV[a + 3])
    end
    stored = stored + 1
  end
end
return stored
`);

/**
 * KEYS: (entry, fences) for each key, then (epoch, fences) for each model.
 * ARGV: token, expiry of the fence in ms, number of entries, a new epoch for each model.
 * Fences are a sorted set, token by expiry on Redis's clock, so that the fence of a writer that died goes even where
 * other writers keep the set alive.
 */
export const FENCE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entries = tonumber(ARGV[3])
for i = 1, #KEYS, 2 do
  local n = (i + 1) / 2
  if n <= entries then
    redis.call('DEL', KEYS[i])
  else
    redis.call('SET', KEYS[i], ARGV[3 + n - entries])
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[i + 1], '-inf', now)
  redis.call('ZADD', KEYS[i + 1], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[i + 1], ARGV[2])
end
return 1
`);

/** KEYS as FENCE. ARGV: token, number of entries, a new epoch for each model. */
export const LIFT = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entries = tonumber(ARGV[2])
for i = 1, #KEYS, 2 do
  local n = (i + 1) / 2
  if n <= entries then
    redis.call('DEL', KEYS[i])
  else
    redis.call('SET', KEYS[i], ARGV[2 + n - entries])
  end
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[i + 1], '-inf', now)
end
return 1
`);
