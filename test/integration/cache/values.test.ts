import { setImmediate as othersTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalRedis, startRedis } from '../../../scripts/support/local-redis.js';
import { CacheManager } from '../../../src/cache/index.js';
import { type Coherence, loadConfig, silentLogger } from '../../../src/config/index.js';
import { CacheUnavailableError } from '../../../src/errors.js';
import { eventually } from '../../support/eventually.js';
import { CountedLoad, nothingRecorded, plainModel, schemaOf } from '../../support/memory-cache.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { openRedisClient, type RedisClient } from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';

/* Named values of processes that share a Redis. */

function managerOver(
  url: string,
  prefix: string,
  coherence: Coherence,
  commandTimeoutMs = COMMAND_PATIENCE_MS,
): CacheManager {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgresql://unused@127.0.0.1/unused',
    REDIS_URL: url,
    REDIS_COMMAND_TIMEOUT: String(commandTimeoutMs),
    CACHE_PREFIX: prefix,
    CACHE_COHERENCE: coherence,
  });
  const metadata = schemaOf(plainModel('Task'));
  return new CacheManager({ config, logger: silentLogger, metadata, outbox: nothingRecorded });
}

async function serving(...managers: readonly CacheManager[]): Promise<void> {
  await Promise.all(managers.map((manager) => manager.connect()));
  for (const manager of managers) expect(await servesInTime(manager)).toBe(true);
}

describe.each<Coherence>(['strict', 'off'])('values of two processes, near cache %s', (coherence) => {
  let one: CacheManager;
  let two: CacheManager;
  let client: RedisClient;
  let prefix: string;

  beforeEach(async () => {
    const { url, keyPrefix } = sharedRedis();
    prefix = keyPrefix;
    one = managerOver(url, keyPrefix, coherence);
    two = managerOver(url, keyPrefix, coherence);
    client = await openRedisClient(url);
    await serving(one, two);
  });

  afterEach(async () => {
    await Promise.all([one.disconnect(), two.disconnect()]);
    client.destroy();
  });

  /** Reads until it is answered from memory, where there is a near cache. */
  const warm = async (manager: CacheManager, name: string): Promise<void> => {
    if (coherence === 'off') return;
    const { nearHits } = manager.getStatistics();
    await eventually(
      async () => {
        await manager.get(name);
        return manager.getStatistics().nearHits;
      },
      (hits) => hits > nearHits,
    );
  };

  test.each<[string, () => Promise<unknown>, unknown]>([
    ['set anew', () => two.set('a', 'new'), 'new'],
    ['deleted', () => two.delete('a'), null],
    ['deleted among others', () => two.deleteMultiple(['b', 'a']), null],
    ['invalidated by its tag', () => two.invalidateTags(['t']), null],
    ['invalidated by what it depends on', () => two.invalidateDependents('x'), null],
    ['removed by a pattern', () => two.invalidatePattern('a*'), null],
    ['cleared', () => two.clear(), null],
  ])('one that is %s by one process is seen so by the other at once', async (_, change, after) => {
    for (let round = 0; round < 5; round += 1) {
      await one.set('a', 'old', { tags: ['t'], dependsOn: ['x'] });
      await warm(one, 'a');
      expect(await one.get('a')).toBe('old');
      await change();
      expect(await one.get('a')).toBe(after);
      expect(await two.get('a')).toBe(after);
    }
  });

  test('one that a process sets is never older in another than what was acknowledged', async () => {
    const acknowledged = [0, 0, 0];
    const stale: string[] = [];
    let writing = true;
    const write = async (index: number): Promise<void> => {
      for (let n = 1; n <= 150; n += 1) {
        expect(await (n % 2 === 0 ? one : two).set(`k${index}`, n)).toBe(true);
        acknowledged[index] = n;
      }
    };
    const read = async (manager: CacheManager, index: number): Promise<void> => {
      while (writing) {
        const since = acknowledged[index] ?? 0;
        const value = (await manager.get<number>(`k${index}`)) ?? 0;
        if (value < since) stale.push(`k${index}: ${value} after ${since}`);
        // An answer from memory takes no turn of the event loop, in which answers of Redis come.
        await othersTurn();
      }
    };
    const readers = [0, 1, 2].flatMap((index) => [read(one, index), read(two, index)]);
    try {
      await Promise.all([0, 1, 2].map(write));
    } finally {
      writing = false;
    }
    await Promise.all(readers);
    expect(stale).toEqual([]);
    if (coherence === 'strict') expect(one.getStatistics().nearHits).toBeGreaterThan(0);
  });

  test('one that is missing is computed by one process for all', async () => {
    const load = new CountedLoad('v');
    const asked = [one, two, one, two].map((manager) =>
      manager.getOrLoad('a', async () => {
        // As long as the others take to ask.
        await eventually(
          async () => one.getStatistics().leaseWaits + two.getStatistics().leaseWaits,
          (waits) => waits > 0,
        );
        return load.run();
      }),
    );
    expect(await Promise.all(asked)).toEqual(['v', 'v', 'v', 'v']);
    expect(load.count).toBe(1);
  });

  test('of which a thousand are read at once take one round trip, and to put them, two and a message', async () => {
    const entries = Array.from({ length: 1_000 }, (_, index) => ({ key: `k${index}`, value: { index } }));
    const during = async (run: () => Promise<unknown>): Promise<number> => {
      const before = two.getStatistics().roundTrips;
      await run();
      return two.getStatistics().roundTrips - before;
    };
    expect(await during(() => two.setMultiple(entries))).toBe(3);
    expect(await during(() => two.getMultiple(entries.map(({ key }) => key)))).toBe(1);
    expect(await during(() => two.deleteMultiple(entries.map(({ key }) => key)))).toBe(2);
  });

  test('with tags take two round trips the first time that they are read, and one from then on', async () => {
    await one.set('a', 1, { tags: ['t', 'u'] });
    const trips = async (): Promise<number> => {
      const before = two.getStatistics();
      await two.get('a');
      const after = two.getStatistics();
      return after.nearHits > before.nearHits ? 0 : after.roundTrips - before.roundTrips;
    };
    expect(await trips()).toBe(2);
    expect(await trips()).toBe(1);
  });

  test('leave nothing in Redis that does not end by itself', async () => {
    await one.set('a', 1, { tags: ['t'], dependsOn: ['x'], ttlSeconds: 60 });
    await one.getOrLoad('b', async () => 1, { tags: ['u'], graceSeconds: 60, models: ['Task'] });
    await two.increment('c', 1, { ttlSeconds: 60 });
    await two.addToSet('d', ['m'], { ttlSeconds: 60 });
    await one.invalidateTags(['t', 'never asked for']);
    for (const key of await client.keys(`*${prefix}*`)) {
      if (key.endsWith(':server')) continue;
      // -1 is for ever; what has ended meanwhile has -2.
      expect([key, await client.pTTL(key)]).not.toEqual([key, -1]);
    }
  });
});

describe('when Redis is away', () => {
  let server: LocalRedis;
  let cache: CacheManager;

  beforeAll(async () => {
    server = await startRedis({ appendOnly: true });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    cache = managerOver(server.url, `away${Math.random().toString(36).slice(2)}`, 'strict', 250);
    await serving(cache);
  });
  afterEach(() => cache.disconnect());

  /** Until the cache answers from Redis again. */
  const back = () =>
    eventually(
      () => cache.set('probe', 1),
      (done) => done,
      20_000,
    );

  test('nothing is found and nothing kept, what is computed is answered, and only counters say no', async () => {
    await cache.set('a', 'v');
    server.pause();
    try {
      expect(await cache.getOrLoad('a', async () => 'computed')).toBe('computed');
      expect(await cache.get('b')).toBeNull();
      expect(await cache.set('a', 'w')).toBe(false);
      expect(await cache.delete('a')).toBe(false);
      expect(await cache.exists('a')).toBe(false);
      expect(await cache.expire('a', 5)).toBe(false);
      await expect(cache.increment('c')).rejects.toThrow(CacheUnavailableError);
      await expect(cache.getSetMembers('c')).rejects.toThrow(CacheUnavailableError);
      await expect(cache.invalidatePattern('*')).rejects.toThrow(CacheUnavailableError);
    } finally {
      server.resume();
    }
  });

  test.each<[string, () => Promise<boolean>, string]>([
    ['a deletion', () => cache.delete('a'), 'a'],
    ['a value', () => cache.set('a', 'new'), 'a'],
    ['an invalidation', () => cache.invalidateTags(['t']), 'b'],
  ])(
    '%s that it could not be told of is made up for before anything is answered',
    async (_, change, name) => {
      await cache.set('a', 'old');
      await cache.set('b', 'old', { tags: ['t'] });
      await cache.get(name);
      server.pause();
      try {
        expect(await change()).toBe(false);
      } finally {
        server.resume();
      }
      expect(await cache.get(name)).toBeNull();
      await back();
      expect(await servesInTime(cache)).toBe(true);
      expect(await cache.get(name)).toBeNull();
    },
  );
});
