// Generated from lua/*.lua by scripts/embed-lua.ts. Do not edit.
import { script } from './scripts.js';

/** See lua/each.lua. */
const EACH = `
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
`;

/** See lua/each-claim.lua. */
export const EACH_CLAIM = script(`${EACH}
-- Takes a right that nobody has, or goes on with one's own.
--
-- item    the key; token; time in ms, 0 to give it back; 1 for one's own, 0 for a new one
--
-- Answers with 1 where it is the caller's now, or was until it was given back; else 0.
return each(function(k, a)
  local key, token, time = KEYS[k + 1], ARGV[a + 1], ARGV[a + 2]
  local holder = redis.call('GET', key)
  if ARGV[a + 3] == '0' then
    if holder then return 0 end
    redis.call('SET', key, token, 'PX', time)
    return 1
  end
  if holder ~= token then return 0 end
  if time == '0' then redis.call('DEL', key) else redis.call('PEXPIRE', key, time) end
  return 1
end)
`);

/** See lua/each-cluster-change.lua. */
export const EACH_CLUSTER_CHANGE = script(`${EACH}
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
`);

/** See lua/each-cluster-entry.lua. */
export const EACH_CLUSTER_ENTRY = script(`${EACH}
-- Reads an entry, and leases it to the caller where it is missing. What read.lua does in one step is two in a cluster: the
-- versions lie elsewhere. Where they are guessed, nothing is displaced: what hangs on others may be valid.
--
-- item    the entry; where entries have fences of their own, those
-- common  token; lease in ms; what a valid entry begins with after its letter; the version of absence, or '' while that is
--         fenced; 1 where the versions are known, 0 where they are guessed
--
-- Answers with the entry itself (V, or N for "there is none"), F (fenced), B (leased to another), L (leased to the caller),
-- or ? where it hangs on other versions than the guessed ones.
local token, lease, prefix = ARGV[COMMON + 1], ARGV[COMMON + 2], ARGV[COMMON + 3]
local absence, known = ARGV[COMMON + 4], ARGV[COMMON + 5] == '1'
local fenced, length = ARGV[2] == '2', #prefix
return each(function(k)
  if fenced and redis.call('EXISTS', KEYS[k + 2]) == 1 then return 'F' end
  local entry = redis.call('GET', KEYS[k + 1])
  if entry then
    if string.sub(entry, 2, 1 + length) == prefix then
      local kind = string.byte(entry)
      if kind == 86 then return entry end
      if kind == 76 then return 'B' end
      if not known or string.sub(entry, 2 + length) == absence then return entry end
      if absence == '' then return 'F' end
    end
    if not known then return '?' end
  end
  redis.call('SET', KEYS[k + 1], 'L' .. prefix .. token, 'PX', lease)
  return 'L'
end)
`);

/** See lua/each-cluster-fill.lua. */
export const EACH_CLUSTER_FILL = script(`${EACH}
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
`);

/** See lua/each-cluster-version.lua. */
export const EACH_CLUSTER_VERSION = script(`${EACH}
-- The version of a guard, which is kept for longer than what hangs on it.
--
-- item    the version; a rule or '' (as in read.lua)
-- common  how long it is kept at least, in ms
--
-- Answers with the version, or '' where there is none.
return each(function(k, a)
  local key, rule = KEYS[k + 1], ARGV[a + 1]
  redis.call('PEXPIRE', key, ARGV[COMMON + 1], 'GT')
  if rule == '' then return redis.call('GET', key) or '' end
  local all, others = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do
    if all[i] ~= rule then others[#others + 1] = all[i] .. all[i + 1] end
  end
  table.sort(others)
  return table.concat(others)
end)
`);

/** See lua/each-count.lua. */
export const EACH_COUNT = script(`${EACH}
-- Adds to a whole number.
--
-- item    the key; what to add; expiry in ms where it has none yet, or ''
--
-- Answers with the sum as text: Redis counts further than a double does.
return each(function(k, a)
  local key = KEYS[k + 1]
  redis.call('INCRBY', key, ARGV[a + 1])
  if ARGV[a + 2] ~= '' then redis.call('PEXPIRE', key, ARGV[a + 2], 'NX') end
  return redis.call('GET', key)
end)
`);

/** See lua/each-expire.lua. */
export const EACH_EXPIRE = script(`${EACH}
-- Gives what is there a new time, whatever kind it is of, unless it is a lease.
--
-- item    the key; the time in ms
--
-- Answers with 1 where it was there, else 0.
return each(function(k, a)
  local key = KEYS[k + 1]
  if redis.call('TYPE', key).ok == 'string' and redis.call('GETRANGE', key, 0, 0) == 'L' then return 0 end
  return redis.call('PEXPIRE', key, ARGV[a + 1])
end)
`);

/** See lua/each-guard.lua. */
export const EACH_GUARD = script(`${EACH}
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
`);

/** See lua/each-keep.lua. */
export const EACH_KEEP = script(`${EACH}
-- Keeps a key for at least so long.
--
-- item    the key
-- common  the time in ms
return each(function(k) return redis.call('PEXPIRE', KEYS[k + 1], ARGV[COMMON + 1], 'GT') end)
`);

/** See lua/each-look.lua. */
export const EACH_LOOK = script(`${EACH}
-- What is in a place, and where asked to, a lease where nothing is.
--
-- item    the key
-- common  token, or '' for no lease; lease in ms
--
-- Answers with the value and how much longer it is kept in ms; L (leased to the caller), B (to another) or N (nothing).
local token = ARGV[COMMON + 1]
return each(function(k)
  local key = KEYS[k + 1]
  local there = redis.call('GET', key)
  if there then
    if string.byte(there) == 86 then return { there, redis.call('PTTL', key) } end
    return 'B'
  end
  if token == '' then return 'N' end
  redis.call('SET', key, 'L' .. token, 'PX', ARGV[COMMON + 2])
  return 'L'
end)
`);

/** See lua/each-members.lua. */
export const EACH_MEMBERS = script(`${EACH}
-- Adds to a set, takes away from it, or lists it.
--
-- item    the key
-- common  SADD, SREM or SMEMBERS; expiry in ms where it has none yet, or ''; the members
return each(function(k)
  local key, command = KEYS[k + 1], ARGV[COMMON + 1]
  if command == 'SMEMBERS' then return redis.call('SMEMBERS', key) end
  local changed, last = 0, COMMON + tonumber(ARGV[4])
  -- Some thousand at a time: more do not fit on Lua's stack.
  for first = COMMON + 3, last, 4000 do
    changed = changed + redis.call(command, key, unpack(ARGV, first, math.min(first + 3999, last)))
  end
  if ARGV[COMMON + 2] ~= '' then redis.call('PEXPIRE', key, ARGV[COMMON + 2], 'NX') end
  return changed
end)
`);

/** See lua/each-put.lua. */
export const EACH_PUT = script(`${EACH}
-- Puts a value in a place, or takes away what is there.
--
-- item    the key; what must be there (the beginning), or '' for anything and nothing; V and the name of the put, '' to take
--         away; expiry in ms; the value
--
-- Answers with 1 where it was done, else 0.
return each(function(k, a)
  local key, over = KEYS[k + 1], ARGV[a + 1]
  if over ~= '' then
    local there = redis.call('GETRANGE', key, 0, #over - 1)
    if there ~= over then return 0 end
  end
  if ARGV[a + 2] == '' then
    redis.call('UNLINK', key)
  else
    redis.call('SET', key, ARGV[a + 2] .. ARGV[a + 4], 'PX', ARGV[a + 3])
  end
  return 1
end)
`);

/** See lua/each-remove.lua. */
export const EACH_REMOVE = script(`${EACH}
-- Takes a key away, of whatever kind; answers with 1 where it was there, else 0.
--
-- item    the key
return each(function(k) return redis.call('UNLINK', KEYS[k + 1]) end)
`);

/** See lua/each-replace.lua. */
export const EACH_REPLACE = script(`${EACH}
-- Puts a lease in the place of a value that turned out invalid, while it is that one.
--
-- item    the key; what the value begins with
-- common  token; lease in ms
--
-- Answers as each-look.lua does.
return each(function(k, a)
  local key, seen = KEYS[k + 1], ARGV[a + 1]
  local there = redis.call('GET', key)
  if there and string.sub(there, 1, #seen) ~= seen then
    if string.byte(there) == 86 then return { there, redis.call('PTTL', key) } end
    return 'B'
  end
  redis.call('SET', key, 'L' .. ARGV[COMMON + 1], 'PX', ARGV[COMMON + 2])
  return 'L'
end)
`);

/** See lua/each-time.lua. */
export const EACH_TIME = script(`${EACH}
-- How long a key is kept in ms; -1 for ever, -2 where it is not there.
--
-- item    the key
return each(function(k) return redis.call('PTTL', KEYS[k + 1]) end)
`);
