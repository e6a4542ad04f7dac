import type { RedisConfig } from '../../config/index.js';
import { RedisConnection } from './redis-connection.js';
import { RedisStore } from './redis-store.js';
import type { RemoteStoreOpener } from './remote-store.js';

/** One Redis server. */
export function redisOpener(redis: RedisConfig): RemoteStoreOpener {
  const { commandTimeoutMs, connectTimeoutMs } = redis;
  return ({ keys, process, logger }) => {
    const connection = new RedisConnection(redis, keys, logger);
    const store = new RedisStore(connection, keys, process, commandTimeoutMs);
    return { store, channel: connection, commandTimeoutMs, connectTimeoutMs };
  };
}
