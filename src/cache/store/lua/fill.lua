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
