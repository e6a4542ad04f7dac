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
