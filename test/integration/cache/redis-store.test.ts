import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import type { Scope } from '../../../src/cache/store/shared-store.js';
import { eventually } from '../../support/eventually.js';
import {
  type OpenRedisStore,
  openRedisClient,
  openRedisStore,
  passOnServer,
  type RedisClient,
} from '../../support/redis-stores.js';
import { ownRedis, sharedRedis } from '../../support/servers.js';
import {
  describeLossContract,
  describeStoreContract,
  type Loss,
  type StoreUnderTest,
} from '../../support/store-contract.js';

let first: OpenRedisStore;
let second: OpenRedisStore;
let client: RedisClient;

beforeAll(async () => {
  const { url, keyPrefix } = sharedRedis();
  const keys = new KeySpace(keyPrefix);
  [first, second, client] = await Promise.all([
    openRedisStore(url, keys, 'first'),
    openRedisStore(url, keys, 'second'),
    openRedisClient(url),
  ]);
});

afterAll(async () => {
  await Promise.all([first.store.close(), second.store.close()]);
  client.destroy();
});

/** The connections are those of the whole file; the keys are new for each test. */
async function openShared(): Promise<StoreUnderTest & Loss> {
  return {
    first: first.store,
    second: second.store,
    keys: new KeySpace(sharedRedis().keyPrefix),
    advance: (ms) => passOnServer(client, ms),
    lose: async (...names) => {
      await client.del(names);
    },
    loseAll: async () => {
      await client.flushDb();
    },
    close: async () => undefined,
  };
}

describeStoreContract('Redis', openShared);
describeLossContract('Redis', openShared);

describe('the Redis store', () => {
  const keys = new KeySpace('own');
  const users = { table: 'users', schema: null };
  const scope: Scope = {
    guards: [keys.namespace, keys.rows(users)],
    absence: keys.absence(users),
    shape: 'shape--1',
    keyed: true,
  };
  const key = keys.entity(users, '1');

  test('fails at once, and queues nothing, while the server is away; answers again when it is back', async () => {
    const server = await ownRedis();
    const { store } = await openRedisStore(server.url, keys, 'one');
    try {
      await store.ping();
      await server.kill('SIGKILL');
      const startedAt = performance.now();
      await expect(store.ping()).rejects.toThrow();
      await expect(store.ping()).rejects.toThrow();
      await expect(store.read(scope, [key], 'a', 1_000)).rejects.toThrow();
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      await server.start();
      await eventually(
        () =>
          store.ping().then(
            () => true,
            () => false,
          ),
        (answered) => answered,
      );
      // The server knows no script any more, so this sends the source as well.
      expect((await store.read(scope, [key], 'a', 1_000)).outcomes[0]?.kind).toBe('lease');
    } finally {
      await store.close();
      await server.stop();
    }
  });

  test('fails where somebody else keeps another kind of value under a key of ours', async () => {
    const space = new KeySpace(sharedRedis().keyPrefix);
    // A value of another type under a key of ours: somebody else uses this prefix.
    await client.lPush(space.rows(users).version, 'x');
    const strange: Scope = { ...scope, guards: [space.namespace, space.rows(users)] };
    const reading = first.store.read(strange, [space.entity(users, '1')], 'a', 1_000);
    await expect(reading).rejects.toThrow('WRONGTYPE');
  });
});
