-- Puts values in the place of leases that still stand.
--
-- KEYS  the version of each guard; where there is one, the version of absence; then each entry
-- ARGV  number of guards; 1 with a guard of absence, else 0; shape; a rule, or '', as in read.lua; then for each entry:
--       token, prefix, kind (V value, N none, or '' to give the lease back), expiry in ms, and the value, or the version of
--       absence
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
local prefix = ''
for i = 1, plain do prefix = prefix .. (redis.call('GET', KEYS[i]) or '') end
if rule ~= '' then prefix = prefix .. besides(KEYS[guards], rule) end
prefix = prefix .. ARGV[3]
local missing = absence == 1 and redis.call('GET', KEYS[guards + 1])

local stored, longest = 0, 0
for i = guards + absence + 1, #KEYS do
  local a = 4 + (i - guards - absence - 1) * 5
  local kind = ARGV[a + 3]
  if ARGV[a + 2] == prefix and redis.call('GET', KEYS[i]) == 'L' .. prefix .. ARGV[a + 1] then
    if kind == '' or (kind == 'N' and ARGV[a + 5] ~= missing) then
      redis.call('DEL', KEYS[i])
    else
      redis.call('SET', KEYS[i], kind .. prefix .. ARGV[a + 5], 'PX', ARGV[a + 4])
      longest = math.max(longest, tonumber(ARGV[a + 4]))
    end
    stored = stored + 1
  end
end
-- A version lives longer than what hangs on it; one that went too early would only cost hits.
if longest > 0 then
  for i = 1, guards + absence do redis.call('PEXPIRE', KEYS[i], longest + 60000, 'GT') end
end
return stored
