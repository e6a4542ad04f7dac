import { afterAll, beforeAll, describe } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import {
  type LocalRedisCluster,
  type OpenClusterStore,
  openClusterStore,
  openTimeKeeper,
  startRedisCluster,
  tellOwner,
} from '../../support/redis-cluster.js';
import { passOnServer, type RedisClient } from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';
import {
  describeLossContract,
  describeStoreContract,
  type Loss,
  type StoreUnderTest,
} from '../../support/store-contract.js';

describe('three masters', () => {
  let cluster: LocalRedisCluster;
  let timeKeeper: RedisClient;

  beforeAll(async () => {
    cluster = await startRedisCluster({ nodeTimeoutMs: 60_000 });
    timeKeeper = await openTimeKeeper(cluster);
  }, 120_000);

  afterAll(async () => {
    timeKeeper.destroy();
    await cluster.stop();
  });

  /** Connections and keys are new for each test: which server has the registry depends on the prefix. */
  async function openNew(): Promise<StoreUnderTest & Loss> {
    const keys = new KeySpace(sharedRedis().keyPrefix);
    const [first, second]: OpenClusterStore[] = await Promise.all([
      openClusterStore(cluster, keys, 'first'),
      openClusterStore(cluster, keys, 'second'),
    ]);
    if (first === undefined || second === undefined) throw new Error('unreachable');
    return {
      first: first.store,
      second: second.store,
      keys,
      advance: (ms) => passOnServer(timeKeeper, ms),
      lose: async (...names) => {
        await Promise.all(names.map((name) => tellOwner(cluster, name, 'DEL', name)));
      },
      loseAll: async () => {
        await Promise.all(cluster.masters.map((node) => node.tell('FLUSHALL')));
      },
      close: async () => {
        await Promise.all([first.store.close(), second.store.close()]);
      },
    };
  }

  describeStoreContract('Redis Cluster', openNew);
  describeLossContract('Redis Cluster', openNew);
});
