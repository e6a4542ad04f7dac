-- Which server has which slots, as this one knows it.
--
-- ARGV  none
--
-- Returns how new its knowledge is, and what CLUSTER SLOTS says.
local info = redis.call('CLUSTER', 'INFO')
return { string.match(info, 'cluster_current_epoch:(%d+)'), redis.call('CLUSTER', 'SLOTS') }
