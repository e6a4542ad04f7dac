-- Puts values in the place of leases that still stand.
--
-- KEYS  the version of each guard; where there is one, the version of absence; then each entry
-- ARGV  number of guards; 1 with a guard of absence, else 0; shape; a rule, or '', as in read.lua; the token of the leases; what
--       the read gave: prefix and version of absence; all values, one behind the other; then for each entry: expiry in ms, and
--       the length of its value, or -1 for "there is none", or -2 to give the lease back
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

local stored, longest, used = 0, 0, {}
if ARGV[6] == prefix then
  local lease, at = 'L' .. prefix .. ARGV[5], 1
  local first = guards + absence
  for i = first + 1, #KEYS do
    local a = 9 + (i - first - 1) * 2
    local length = tonumber(ARGV[a + 1])
    if found[i] == lease and not used[KEYS[i]] then
      if length == -2 or (length == -1 and ARGV[7] ~= missing) then
        redis.call('DEL', KEYS[i])
      else
        local entry
        if length == -1 then
          entry = 'N' .. prefix .. missing
        else
          entry = 'V' .. prefix .. string.sub(ARGV[8], at, at + length - 1)
        end
        redis.call('SET', KEYS[i], entry, 'PX', ARGV[a])
        longest = math.max(longest, tonumber(ARGV[a]))
      end
      stored = stored + 1
      used[KEYS[i]] = true
    end
    if length > 0 then at = at + length end
  end
end
-- A version lives longer than what hangs on it; one that went too early would only cost hits.
if longest > 0 then
  for i = 1, guards + absence do redis.call('PEXPIRE', KEYS[i], longest + 60000, 'GT') end
end
return stored
