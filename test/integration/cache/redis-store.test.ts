import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { RedisConnection } from '../../../src/cache/store/redis-connection.js';
import { RedisStore } from '../../../src/cache/store/redis-store.js';
import { PULSE } from '../../../src/cache/store/scripts.js';
import type { Scope } from '../../../src/cache/store/shared-store.js';
import { silentLogger } from '../../../src/config/index.js';
import { eventually } from '../../support/eventually.js';
import { COMMAND_PATIENCE_MS } from '../../support/patience.js';
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

const SETTINGS = { maxRetries: 3, connectTimeoutMs: 2_000, commandTimeoutMs: COMMAND_PATIENCE_MS };

/** Its server's clock was a minute behind when a pulse was sent, and was set forward right after. */
class SlowClockConnection extends RedisConnection {
  override async run(...call: Parameters<RedisConnection['run']>): Promise<unknown> {
    const reply = await super.run(...call);
    if (call[0] === PULSE && Array.isArray(reply)) reply[0] = String(Number(reply[0]) - 60_000);
    return reply;
  }
}

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
      // Nothing waited for an answer, and nothing for the server, which is away as long as the test wants it to be.
      expect(performance.now() - startedAt).toBeLessThan(COMMAND_PATIENCE_MS);
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

  test('goes on when the clock of the server is set forward, as when another one takes its place', async () => {
    const { url, keyPrefix } = sharedRedis();
    const space = new KeySpace(keyPrefix);
    const connection = new SlowClockConnection({ ...SETTINGS, url }, space, silentLogger);
    const store = new RedisStore(connection, space, 'one', SETTINGS.commandTimeoutMs);
    await store.connect();
    try {
      const request = {
        strict: true,
        leaseMs: 60_000,
        heartbeat: '',
        maxGapMs: 60_000,
        channel: space.channel,
      };
      await store.pulse(request);
      // Refused as late, though it is not: the time of the server is another than the last pulse told. What tells it
      // may be this answer, or the ping by which the guard looks whether the store is there; writers wait meanwhile.
      const targets = { keys: [space.entity(users, '1')], guards: [] };
      await store.fence(targets, 'w', 15_000).catch(() => undefined);
      await store.ping();
      await expect(store.fence(targets, 'w', 15_000)).resolves.toMatchObject({ awaited: [] });
    } finally {
      await store.close();
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
