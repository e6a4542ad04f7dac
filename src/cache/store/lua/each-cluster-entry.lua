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
