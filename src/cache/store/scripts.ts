// Generated from lua/*.lua by scripts/embed-lua.ts. Do not edit.
import { createHash } from 'node:crypto';

/** A Lua script and the name under which Redis keeps it. */
export interface RedisScript {
  readonly source: string;
  readonly sha1: string;
}

/** A script of this source. */
export function script(source: string): RedisScript {
  return Object.freeze({ source, sha1: createHash('sha1').update(source).digest('hex') });
}

/** See lua/announce.lua. */
export const ANNOUNCE = script(`
-- Tells all near caches of a change that has been made.
--
-- KEYS  the registry
-- ARGV  channel; announcement
--
-- Returns as fence.lua does.
local heard = redis.call('PUBLISH', ARGV[1], ARGV[2])
local time = redis.call('TIME')
return { heard, tostring(time[1] * 1000 + math.floor(time[2] / 1000)), redis.call('HGETALL', KEYS[1]) }
`);

/** See lua/cluster-identify.lua. */
export const CLUSTER_IDENTIFY = script(`
-- Notices that a server of the cluster is another than those from before: one that restarted, was promoted, or came new.
-- What it holds may be from another time, so everything is invalid; and the registry may have been on it.
--
-- KEYS  the servers that are known, each by when it was last seen; the version of the namespace; the registry
-- ARGV  the server; a new version; how many are remembered
--
-- Returns 0 for one that is known, 1 for another, 2 where none was known.
local time = redis.call('TIME')
local known = redis.call('ZCARD', KEYS[1])
if redis.call('ZADD', KEYS[1], time[1], ARGV[1]) == 0 then return 0 end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('SET', KEYS[2], ARGV[2], 'XX', 'KEEPTTL')
redis.call('DEL', KEYS[3])
return known == 0 and 2 or 1
`);

/** See lua/cluster-map.lua. */
export const CLUSTER_MAP = script(`
-- Which server has which slots, as this one knows it.
--
-- ARGV  none
--
-- Returns how new its knowledge is, and what CLUSTER SLOTS says.
local info = redis.call('CLUSTER', 'INFO')
return { string.match(info, 'cluster_current_epoch:(%d+)'), redis.call('CLUSTER', 'SLOTS') }
`);

/** See lua/cluster-who.lua. */
export const CLUSTER_WHO = script(`
-- Which server this is, and what time it has. One that restarted has another run id, and one that was promoted another
-- replication id: it may hold an older copy of the data.
--
-- ARGV  none
--
-- Returns its time in ms, its run id, its replication id, its role, and how new its knowledge of the cluster is.
local time = redis.call('TIME')
local replication = redis.call('INFO', 'replication')
return {
  tostring(time[1] * 1000 + math.floor(time[2] / 1000)),
  string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'),
  string.match(replication, 'master_replid:(%w+)'),
  string.match(replication, 'role:(%w+)'),
  string.match(redis.call('CLUSTER', 'INFO'), 'cluster_current_epoch:(%d+)'),
}
`);

/** See lua/fence.lua. */
export const FENCE = script(`
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
`);

/** See lua/fill.lua. */
export const FILL = script(`
-- Puts values in the place of leases that still stand.
--
-- KEYS  the version of each guard; where there is one, the version of absence; then each entry
-- ARGV  number of guards; 1 with a guard of absence, else 0; shape; a rule, or '', as in read.lua; the token of the leases; what
--       the read gave: prefix and version of absence; all values, one behind the other; then, in one text, for each entry: expiry
--       in ms, and the length of its value, or -1 for "there is none", or -2 to give the lease back
--
-- Returns how many were stored or given back.
local function besides(key, rule)
  local all, others = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do
    if all[i] ~= rule then others[#others + 1] = all[i] .. all[i + 1] end
  end
  table.sort(others)
  return table.concat(others)
end

local guards, absence, rule = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[4]
local plain = rule == '' and guards or guards - 1
-- One command for all keys: see read.lua.
local found = redis.call('MGET', unpack(KEYS))
local prefix = ''
for i = 1, plain do prefix = prefix .. (found[i] or '') end
if rule ~= '' then prefix = prefix .. besides(KEYS[guards], rule) end
prefix = prefix .. ARGV[3]
local missing = absence == 1 and found[guards + 1]

local stored, longest = 0, 0
if ARGV[6] == prefix then
  local lease, value = 'L' .. prefix .. ARGV[5], 'V' .. prefix
  local i, at = guards + absence, 1
  for expiry, size in string.gmatch(ARGV[9], '(%d+) (%-?%d+)') do
    i = i + 1
    local length = tonumber(size)
    if found[i] == lease then
      if length >= 0 then
        -- A large value comes alone, and need not be cut out.
        local own = length == #ARGV[8] and ARGV[8] or string.sub(ARGV[8], at, at + length - 1)
        redis.call('SET', KEYS[i], value .. own, 'PX', expiry)
      elseif length == -1 and ARGV[7] == missing then
        redis.call('SET', KEYS[i], 'N' .. prefix .. missing, 'PX', expiry)
      else
        redis.call('DEL', KEYS[i])
        expiry = '0'
      end
      stored, longest = stored + 1, math.max(longest, tonumber(expiry))
    end
    if length > 0 then at = at + length end
  end
end
-- A version lives longer than what hangs on it; one that went too early would only cost hits.
if longest > 0 then
  for i = 1, guards + absence do redis.call('PEXPIRE', KEYS[i], longest + 60000, 'GT') end
end
return stored
`);

/** See lua/identify.lua. */
export const IDENTIFY = script(`
-- Notices that this is another server than before: one that restarted, was promoted, or holds an older copy of the data.
-- What it holds from that time must not be read, and its registry says nothing of who is alive.
--
-- KEYS  the identity; the version of the namespace; the registry
-- ARGV  the server's run id; a new version
--
-- Returns 0 for the same server, 1 for another, 2 where none was known.
local known = redis.call('GET', KEYS[1])
if known == ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'XX', 'KEEPTTL')
redis.call('DEL', KEYS[3])
return known and 1 or 2
`);

/** See lua/inspect.lua. */
export const INSPECT = script(`
-- How the server is: its memory, what it evicted and expired, and how many keys there are.
--
-- ARGV  none
--
-- Returns the texts of INFO memory and INFO stats, and the number of keys.
return { redis.call('INFO', 'memory'), redis.call('INFO', 'stats'), redis.call('DBSIZE') }
`);

/** See lua/leave.lua. */
export const LEAVE = script(`
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
`);

/** See lua/lift.lua. */
export const LIFT = script(`
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
`);

/** See lua/pulse.lua. */
export const PULSE = script(`
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
`);

/** See lua/read.lua. */
export const READ = script(`
-- Reads entries that hang on the same guards, and leases the missing ones to the caller.
--
-- KEYS  the version of each guard; the fences of each guard but the namespace's, which is the first; then, where
--       entries can be missing for good, version and fences of the guard of absence; then each entry. The fences that an
--       entry has of its own lie beside it, in its slot; they are not named, since only those of missing entries are looked at
-- ARGV  token; lease in ms; number of guards; 1 with a guard of absence, else 0; what the key of an entry's fences ends in, or
--       '' where they have none; shape;
--       expiry of a new version in ms; a new version for each guard, and for that of absence; a rule, or ''; until when the
--       caller waits, on this server's clock in ms, or 0
--
-- With a rule, the last guard is a hash, rule -> version: see fence.lua. Its version is that of all rules but this one.
--
-- Returns what a valid entry begins with after its letter; the version of absence, or '' while that is fenced; for each
-- entry its length, or -1 ("there is none"), -2 (fenced), -3 (leased to another), -4 (leased to the caller); then all those
-- that have a length, one behind the other.
--
-- What lies in an entry's key was put there when nobody fenced it, since a fence takes away what is there, and nothing is
-- leased while it stands. So fences are looked for only where there is nothing.
--
-- A server that hung comes to a command when its caller has long gone; a lease given then would make others wait for
-- nobody.
local deadline = tonumber(ARGV[#ARGV])
if deadline > 0 then
  local time = redis.call('TIME')
  if time[1] * 1000 + math.floor(time[2] / 1000) > deadline then return redis.error_reply('LATE nobody waits any more') end
end

local guards, absence, beside = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local function besides(key, rule)
  local all, others = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do
    if all[i] ~= rule then others[#others + 1] = all[i] .. all[i + 1] end
  end
  table.sort(others)
  return table.concat(others)
end

local rule = ARGV[#ARGV - 1]
local plain = rule == '' and guards or guards - 1
local first = 2 * guards + 2 * absence

-- One command for all keys: calling one costs as much as ten that it is given.
local found = redis.call('MGET', unpack(KEYS))

local function version(i, new)
  if found[i] then return found[i] end
  -- What is there but is no text is somebody else's; GET says so.
  if not redis.call('SET', KEYS[i], new, 'PX', ARGV[7], 'NX') then redis.call('GET', KEYS[i]) end
  return new
end

local prefix = ''
for i = 1, plain do prefix = prefix .. version(i, ARGV[7 + i]) end
local fenced = plain > 1 and redis.call('EXISTS', unpack(KEYS, guards + 1, guards + plain - 1)) > 0
if rule ~= '' then
  if redis.call('EXISTS', KEYS[guards]) == 0 then
    redis.call('HSET', KEYS[guards], '', ARGV[7 + guards])
    redis.call('PEXPIRE', KEYS[guards], ARGV[7])
  end
  prefix = prefix .. besides(KEYS[guards], rule)
  for _, token in ipairs(redis.call('ZRANGE', KEYS[2 * guards - 1], 0, -1)) do
    if string.sub(token, 1, #rule) ~= rule then fenced = true end
  end
end
prefix = prefix .. ARGV[6]

local missing = ''
if absence == 1 and redis.call('EXISTS', KEYS[first - 1]) == 0 then
  missing = version(first - 2, ARGV[8 + guards])
end

local lengths, values, open, beside_open, leased = {}, {}, {}, {}, {}
local length = #prefix
for i = first, #KEYS do
  local answer
  if fenced then
    answer = -2
  else
    local entry = found[i]
    if entry and string.sub(entry, 2, 1 + length) == prefix then
      local kind = string.byte(entry)
      if kind == 86 then
        answer = #entry
        values[#values + 1] = entry
      elseif kind == 76 then
        answer = -3
      elseif missing == '' then
        answer = -2
      elseif string.sub(entry, 2 + length) == missing then
        answer = -1
      end
    end
    if not answer and leased[KEYS[i]] then
      answer = -3
    elseif not answer then
      leased[KEYS[i]] = true
      open[#open + 1] = i
      if beside ~= '' then beside_open[#beside_open + 1] = KEYS[i] .. beside end
      answer = -4
    end
  end
  lengths[#lengths + 1] = answer
end

-- Mostly none of them is fenced, and then it need not be asked of each.
local lease = 'L' .. prefix .. ARGV[1]
local asked = #beside_open > 0 and redis.call('EXISTS', unpack(beside_open)) > 0
for n, i in ipairs(open) do
  if asked and redis.call('EXISTS', beside_open[n]) == 1 then
    lengths[i - first + 1] = -2
  else
    redis.call('SET', KEYS[i], lease, 'PX', ARGV[2])
  end
end
return { prefix, missing, lengths, table.concat(values) }
`);

/** See lua/scan.lua. */
export const SCAN = script(`
-- One step of a walk through all keys.
--
-- ARGV  cursor; pattern; about how many keys to look at
--
-- Returns the next cursor and the keys.
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
`);
