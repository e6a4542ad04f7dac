import type { Config } from '../config/index.js';
import { clusterOpener } from './store/cluster/open-cluster.js';
import { redisOpener } from './store/open-redis.js';
import type { RemoteStoreOpener } from './store/remote-store.js';
import { sentinelOpener } from './store/sentinel/open-sentinel.js';
import { upstashOpener } from './store/upstash/open-upstash.js';
import type { CacheParts, Materials } from './wiring/cache-parts.js';
import { wireInProcess } from './wiring/in-process.js';
import { wireRemote } from './wiring/remote.js';

export type { CacheParts } from './wiring/cache-parts.js';

/** Builds the cache that the configuration asks for; null for none. Connects to nothing. */
export function wireCache(materials: Materials): CacheParts | null {
  const { config, logger, store } = materials;
  if (!config.cache.enabled) return null;
  if (store !== undefined) return wireInProcess(materials, store);
  const remote = remoteStoreOf(config);
  if (remote !== null && config.cache.sharedEnabled) return wireRemote(materials, remote);
  // Never by default: a second process that writes would leave this one's memory stale.
  if (config.cache.localEnabled === true) return wireInProcess(materials, null);
  logger.info(
    'no shared cache: every read goes to PostgreSQL. Set REDIS_URL, or what else docs/stores.md names, or ENABLE_LOCAL_CACHE=true for a single process',
  );
  return null;
}

/** The store that other processes see too, where one is configured. */
function remoteStoreOf({ redis, redisSentinel, redisCluster, upstash }: Config): RemoteStoreOpener | null {
  if (redisSentinel !== null) return sentinelOpener(redisSentinel);
  if (redisCluster !== null) return clusterOpener(redisCluster);
  if (upstash !== null) return upstashOpener(upstash);
  return redis === null ? null : redisOpener(redis);
}
