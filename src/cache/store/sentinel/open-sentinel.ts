import type { RedisSentinelConfig } from '../../../config/index.js';
import { RedisConnection } from '../redis-connection.js';
import { RedisStore } from '../redis-store.js';
import type { RemoteStoreOpener } from '../remote-store.js';
import { identifyMaster } from './identify-master.js';
import { MasterClient } from './master-client.js';
import { MasterFinder } from './master-finder.js';
import { MasterWatch } from './master-watch.js';

/** The Redis server that sentinels call the master. */
export function sentinelOpener(sentinel: RedisSentinelConfig): RemoteStoreOpener {
  const { commandTimeoutMs, connectTimeoutMs } = sentinel;
  return ({ keys, process, logger }) => {
    const finder = new MasterFinder(sentinel);
    const watch = new MasterWatch(sentinel, finder, logger);
    const connection = new RedisConnection(
      { ...sentinel, url: namedUrl(sentinel) },
      keys,
      logger,
      () => new MasterClient(sentinel, finder, watch),
      identifyMaster(keys, process),
    );
    const store = new RedisStore(connection, keys, process, commandTimeoutMs, 'redis-sentinel');
    return { store, channel: connection, commandTimeoutMs, connectTimeoutMs };
  };
}

/** For the log: the name of the master in the place of the host that is not used. */
function namedUrl({ url, master }: RedisSentinelConfig): string {
  const named = new URL(url);
  named.host = master;
  return named.href;
}
