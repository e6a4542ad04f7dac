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
